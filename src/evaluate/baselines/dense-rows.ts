// What the classical baselines share: checks of dense rows, and their columns one by one.
import { createPause } from '../../detect/run-rows.ts';
import { OddityError } from '../../errors.ts';
import type { DenseRows } from './baseline.ts';

/** Throws BAD_DATA unless there are `least` rows or more, of the width given, all finite. */
export function checkRows(rows: DenseRows, { least = 0, width }: { least?: number; width?: number }): void {
  const { values, count } = rows;
  if (count < least) {
    throw new OddityError(
      'BAD_DATA',
      `expected ${least} training ${least === 1 ? 'row' : 'rows'} or more, got ${count}; give more rows`,
      { data: { count, least } },
    );
  }
  if (rows.width < 1 || rows.width !== (width ?? rows.width)) {
    const expected = width === undefined ? 'a column or more' : `${width} columns as in training`;
    throw new OddityError('BAD_DATA', `expected rows of ${expected}, got ${rows.width}; give equal columns`, {
      data: { width: rows.width },
    });
  }
  if (values.length !== count * rows.width) {
    throw new OddityError(
      'BAD_DATA',
      `expected ${count} x ${rows.width} = ${count * rows.width} values, got ${values.length}; make the shape fit`,
      { data: { length: values.length } },
    );
  }
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    const [row, column] = [Math.floor(wrong / rows.width), wrong % rows.width];
    throw new OddityError(
      'BAD_DATA',
      `expected finite values, got ${values[wrong]} in row ${row}, column ${column}; fill or drop such rows`,
      { data: { row, column } },
    );
  }
}

/** To call between pieces of work: lets timers and signals in, and throws ABORTED once the caller has had enough. */
export function createBreather(signal: AbortSignal | undefined): () => Promise<void> {
  const pause = createPause();
  return async () => {
    await pause();
    if (signal?.aborted) throw new OddityError('ABORTED', 'Stopped before all rows were done.');
  };
}

/** Mean of each column [width], in float64. */
export function columnMeans({ values, count, width }: DenseRows): Float64Array {
  const means = new Float64Array(width);
  for (let at = 0; at < values.length; ) {
    for (let column = 0; column < width; column++, at++)
      means[column] = (means[column] as number) + (values[at] as number);
  }
  return means.map((sum) => sum / count);
}

/** The values of one column, ascending [count]. */
export function sortedColumn({ values, count, width }: DenseRows, column: number): Float32Array {
  return Float32Array.from({ length: count }, (_, row) => values[row * width + column] as number).sort();
}

/** How many of the ascending values lie below `value`, or at or below it with `orEqual`. */
export function countBelow(sorted: ArrayLike<number>, value: number, orEqual: boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = sorted[middle] as number;
    if (other < value || (orEqual && other === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}
