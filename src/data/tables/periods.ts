// The rows of a period of time, with the day that each falls on. As SQL around a source, like profiles.
import { requireColumn } from './infer-schema.ts';
import { columnId, quoteString } from './sql.ts';
import { checksOf, type TableSource } from './table-source.ts';

/** The column that `withPeriod` adds. */
export const dayColumn = 'day';

/**
 * Rows from one time up to, and without, another (ISO dates), and a column `day` of whole days since the first.
 * @throws OddityError BAD_USAGE for an unknown column, BAD_DATA for times that are none (when rows are read).
 */
export function withPeriod(source: TableSource, time: string, from: string, to: string): TableSource {
  const names = source.columns.map(({ name }) => name);
  const index = requireColumn(names, time, '--time', source.name);
  const checks = [...source.checks, ...checksOf(source, [index], 'TIMESTAMP')];
  const convert = source.onBadRow === 'skip' ? 'TRY_CAST' : 'CAST';
  const at = `${convert}(${columnId(index)} AS TIMESTAMP)`;
  const [first, end] = [from, to].map((date) => `TIMESTAMP ${quoteString(date)}`);
  return {
    ...source,
    columns: [...source.columns, { name: dayColumn, type: 'DOUBLE' }],
    storedTypes: [...source.storedTypes, 'DOUBLE'],
    checks,
    relation: (extra) =>
      `SELECT *, floor(epoch(${at} - ${first}) / 86400)::DOUBLE AS ${columnId(names.length)} ` +
      `FROM (${source.relation([...checks, ...extra])}) WHERE ${at} >= ${first} AND ${at} < ${end}`,
  };
}
