// Tables in words: what their columns are, which rows are normal, and single values.

import type { TableColumn } from '../../data/table.ts';
import { featureColumns, type TableSchema } from '../../data/tables/schema.ts';
import { alignLeft } from '../text-table.ts';

const mostShown = 60;

/** The schema as an aligned table, with what it comes to in a line above. */
export function describeSchema(schema: TableSchema, corrected: ReadonlySet<string> = new Set()): string {
  const { columns } = schema;
  const features = featureColumns(schema);
  const numbers = features.filter(({ kind }) => kind === 'number').length;
  const rows = columns
    .slice(0, mostShown)
    .map(({ name, type, kind, why, dictionary }) => [
      name.replace(/\s+/g, ' ').slice(0, 48),
      type.toLowerCase(),
      kind,
      why ?? (corrected.has(name) ? 'as told' : kind === 'category' ? `${dictionary?.length} values` : ''),
    ]);
  const hidden = columns.length - rows.length;
  return [
    `${columns.length} columns, ${features.length} to learn from: ${numbers} numbers, ${features.length - numbers} categories`,
    alignLeft([['name', 'type', 'kind', 'why'], ...rows]),
    ...(hidden > 0 ? [`and ${hidden} more`] : []),
  ].join('\n');
}

/** Which rows are normal, in words. */
export function describeNormal({ label }: TableSchema): string {
  if (label === undefined) return 'all rows';
  return `${label.column} = ${label.normal?.join(' or ') ?? 'normal'}`;
}

/** The value of a column in a row, as short as it can be told apart. */
export function cellText(column: TableColumn, row: number): string {
  if (column.kind === 'category') return column.dictionary[column.codes[row] ?? -1] ?? '';
  const value = column.values[row] ?? Number.NaN;
  return Number.isNaN(value) ? '' : String(Number(value.toPrecision(6)));
}

/** The same for JSON: null where missing. */
export function cellValue(column: TableColumn, row: number): string | number | null {
  if (column.kind === 'category') return column.dictionary[column.codes[row] ?? -1] ?? null;
  const value = column.values[row] ?? Number.NaN;
  return Number.isFinite(value) ? Number(value.toPrecision(7)) : null;
}
