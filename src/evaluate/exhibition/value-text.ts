// A value of a table as a reader likes it.
import type { TableSet } from '../../data/table.ts';

/** The value of column `k` in a row: a category's name, or five significant digits. */
export function valueText({ columns }: TableSet, k: number, row: number): string {
  const column = columns[k];
  if (column === undefined) return '';
  if (column.kind === 'category') return column.dictionary[column.codes[row] ?? -1] ?? 'missing';
  const value = column.values[row] ?? Number.NaN;
  return Number.isNaN(value) ? 'missing' : String(Number(value.toPrecision(5)));
}
