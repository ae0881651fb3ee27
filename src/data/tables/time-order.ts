// Rows in order of time, whatever their order in the files: for trainings that calibrate on the newest ones.
// As SQL around a source, like profiles.
import { requireColumn } from './infer-schema.ts';
import { columnId } from './sql.ts';
import { checksOf, type TableSource } from './table-source.ts';

/** The source with its rows by ascending time, equals in their order before. Throws BAD_USAGE for an unknown column. */
export function inTimeOrder(source: TableSource, time: string): TableSource {
  const names = source.columns.map(({ name }) => name);
  const index = requireColumn(names, time, '--time', source.name);
  const type = /^(DATE|TIMESTAMP)/.test(source.columns[index]?.type ?? '') ? 'TIMESTAMP' : 'DOUBLE';
  const checks = [...source.checks, ...checksOf(source, [index], type)];
  const convert = source.onBadRow === 'skip' ? 'TRY_CAST' : 'CAST';
  const own = names.map((_, i) => columnId(i)).join(', ');
  const relation: TableSource['relation'] = (extra) => {
    const numbered = `SELECT *, row_number() OVER () AS n FROM (${source.relation([...checks, ...extra])})`;
    return `SELECT ${own} FROM (${numbered}) ORDER BY ${convert}(${columnId(index)} AS ${type}), n`;
  };
  return { ...source, checks, relation };
}
