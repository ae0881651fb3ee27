// Exact nearest neighbours of points among themselves, in plain TypeScript: a few thousand points need no tree, and
// in sixteen dimensions a tree visits nearly all of its leaves anyway.
import { OddityError } from '../../errors.ts';
import type { Points } from '../generation/points.ts';

/** The k nearest others of each point, nearest first. */
export interface NearestPoints {
  readonly neighbours: number;
  /** Row numbers [count, neighbours]. */
  readonly rows: Int32Array;
  /** Squared Euclidean distances [count, neighbours]. */
  readonly squared: Float64Array;
}

/**
 * Finds them in time quadratic in the points; equal distances by the lower row first met. Yields the share done.
 * Throws BAD_DATA for `neighbours` points or fewer, or a value that is not finite.
 */
export function* nearestPoints(points: Points, neighbours: number): Generator<number, NearestPoints> {
  const { count, dimension, values } = points;
  if (count <= neighbours || neighbours < 1) {
    throw new OddityError(
      'BAD_DATA',
      `expected more than ${neighbours} points to have ${neighbours} others near, got ${count}; give more`,
    );
  }
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    throw new OddityError(
      'BAD_DATA',
      `expected finite coordinates, got ${values[wrong]} in row ${Math.floor(wrong / dimension)}`,
    );
  }
  const rows = new Int32Array(count * neighbours);
  const squared = new Float64Array(count * neighbours);
  // The nearest so far as a heap with the farthest on top.
  const [heapDistance, heapRow] = [new Float64Array(neighbours), new Int32Array(neighbours)];
  const point = new Float64Array(dimension);
  for (let i = 0; i < count; i++) {
    point.set(values.subarray(i * dimension, (i + 1) * dimension));
    heapDistance.fill(Number.POSITIVE_INFINITY);
    let limit = Number.POSITIVE_INFINITY;
    for (let j = 0, at = 0; j < count; j++) {
      let sum = 0;
      for (let k = 0; k < dimension; k++, at++) {
        const difference = (values[at] as number) - (point[k] as number);
        sum += difference * difference;
      }
      if (sum >= limit || j === i) continue;
      replaceTop(heapDistance, heapRow, sum, j);
      limit = heapDistance[0] as number;
    }
    const order = Array.from(heapRow.keys()).sort(
      (a, b) =>
        (heapDistance[a] as number) - (heapDistance[b] as number) || (heapRow[a] ?? 0) - (heapRow[b] ?? 0),
    );
    for (const [place, from] of order.entries()) {
      rows[i * neighbours + place] = heapRow[from] as number;
      squared[i * neighbours + place] = heapDistance[from] as number;
    }
    if (i % 200 === 199) yield (i + 1) / count;
  }
  return { neighbours, rows, squared };
}

/** Puts a value in the place of the heap's largest, and lets it sink. */
function replaceTop(distances: Float64Array, rows: Int32Array, distance: number, row: number): void {
  const size = distances.length;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= size) break;
    if (child + 1 < size && (distances[child + 1] as number) > (distances[child] as number)) child++;
    if ((distances[child] as number) <= distance) break;
    distances[at] = distances[child] as number;
    rows[at] = rows[child] as number;
    at = child;
  }
  distances[at] = distance;
  rows[at] = row;
}

/** Mean share of each point's `neighbours` nearest others that are so in both sets: how much a map keeps. */
export function neighboursKept(points: Points, map: Points, neighbours = 10): number {
  const [before, after] = [points, map].map((each) => finish(nearestPoints(each, neighbours)));
  let kept = 0;
  for (let i = 0; i < points.count; i++) {
    const own = new Set(before?.rows.subarray(i * neighbours, (i + 1) * neighbours));
    for (const row of after?.rows.subarray(i * neighbours, (i + 1) * neighbours) ?? [])
      kept += Number(own.has(row));
  }
  return kept / (points.count * neighbours);
}

/** Runs a generator to its end. */
export function finish<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const next = steps.next();
    if (next.done) return next.value;
  }
}
