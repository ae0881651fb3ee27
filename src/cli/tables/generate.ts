// `oddity generate` for tables: normal rows that a detector makes up, as CSV.
import type { TableSet } from '../../data/table.ts';
import type { Detector } from '../../detect/detector.ts';
import { OddityError } from '../../errors.ts';
import type { Context } from '../context.ts';
import { checkOutputFile, writeOutputFile } from '../output-file.ts';
import { cellText, cellValue } from './describe.ts';

export interface TableGenerateFlags {
  readonly count: number;
  readonly seed: number;
  readonly temperature?: number;
  readonly out?: string;
}

export async function generateRows(
  context: Context,
  detector: Detector<TableSet>,
  folder: string,
  { count, seed, temperature, out }: TableGenerateFlags,
): Promise<void> {
  if (out !== undefined) {
    if (!/\.csv$/i.test(out)) {
      throw new OddityError('BAD_USAGE', `expected a name ending in .csv for rows of a table, got '${out}'`);
    }
    await checkOutputFile(out);
  }
  const rows = await detector.generate(count, {
    seed,
    ...(temperature === undefined ? {} : { temperature }),
  });
  const { columns } = rows;
  const lines = Array.from({ length: rows.count }, (_, row) =>
    columns.map((column) => quoted(cellText(column, row))).join(','),
  );
  const csv = `${columns.map(({ name }) => quoted(name)).join(',')}\n${lines.join('\n')}\n`;
  const summary = { detector: folder, count, seed };
  if (out === undefined) {
    const objects = Array.from({ length: rows.count }, (_, row) =>
      Object.fromEntries(columns.map((column) => [column.name, cellValue(column, row)])),
    );
    context.print({ ...summary, rows: objects }, () => csv.trimEnd());
    return;
  }
  await writeOutputFile(out, csv);
  context.print(
    { ...summary, out },
    () => `${out}: ${count} ${count === 1 ? 'row' : 'rows'} made up by ${folder}`,
  );
}

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
