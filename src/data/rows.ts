// Rows of either kind: what the detector's loop, splits and scores need to know of them.
import type { ImageSet } from './dataset.ts';
import { selectRows } from './select.ts';
import { selectTableRows, type TableSet } from './table.ts';

export type RowSet = ImageSet | TableSet;

export const isTable = (rows: RowSet): rows is TableSet => 'columns' in rows;

/** The chosen rows, in the order given, of a set of either kind. */
export function chooseRows<Rows extends RowSet>(set: Rows, rows: ArrayLike<number>): Rows {
  return (isTable(set) ? selectTableRows(set, rows) : selectRows(set, rows)) as Rows;
}

/** Every array of values of a set, in a fixed order: what tells two sets apart. */
export function valuesOf(set: RowSet): readonly (Uint8Array | Float32Array | Int32Array)[] {
  if (!isTable(set)) return [set.pixels];
  return set.columns.map((column) => (column.kind === 'number' ? column.values : column.codes));
}
