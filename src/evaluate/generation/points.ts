// Rows as points, and the distances between them, measured by the runtime in batches of rows: of n x m distances
// only what a measure keeps of each row ever reaches JavaScript.
import { runRows } from '../../detect/run-rows.ts';
import { OddityError } from '../../errors.ts';
import {
  add,
  constant,
  input,
  matmul,
  maximum,
  multiply,
  reduceSum,
  slice,
  smallest,
  sqrt,
  square,
} from '../../graph/operations.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { compile, type SessionOptions } from '../../runtime/session.ts';

/** `count` points, one after the other. */
export interface Points {
  readonly count: number;
  readonly dimension: number;
  /** [count, dimension] */
  readonly values: Float32Array;
}

/** Points with how they lie among each other. */
export interface SpacedPoints extends Points {
  /** Distances of each point to its nearest others, ascending [count, neighbours]. */
  readonly nearest: Float32Array;
  readonly neighbours: number;
  /** Mean distance over all pairs of two different points. */
  readonly meanDistance: number;
}

export interface MeasureOptions {
  readonly session?: SessionOptions;
  readonly signal?: AbortSignal;
}

/** Wraps flat `values` as points. Throws BAD_DATA where they are no whole number of points. */
export function toPoints(values: Float32Array, dimension: number): Points {
  const count = values.length / dimension;
  if (Number.isInteger(count)) return { count, dimension, values };
  throw new OddityError(
    'BAD_DATA',
    `expected a multiple of ${dimension} values, got ${values.length}; give whole rows`,
    { data: { length: values.length, dimension } },
  );
}

/** Refuses fewer points than a measure needs (BAD_DATA). */
export function requirePoints({ count }: Pick<Points, 'count'>, least: number, what: string): void {
  if (count >= least) return;
  throw new OddityError('BAD_DATA', `expected at least ${least} ${what}, got ${count}; give more`, {
    data: { count, least },
  });
}

/** Squared distances [batch, count] of x [batch, dimension] to each of `points`; at least 0. */
export function squaredDistances(x: Tensor, { count, dimension, values }: Points): Tensor {
  const norms = new Float32Array(count);
  for (let row = 0; row < count; row++) {
    let sum = 0;
    for (const value of values.subarray(row * dimension, (row + 1) * dimension)) sum += value * value;
    norms[row] = sum;
  }
  const table = constant(values, [count, dimension]);
  const cross = add(matmul(multiply(x, -2), table, { transposeB: true }), constant(norms, [count]));
  return maximum(add(cross, reduceSum(square(x), [1], true)), 0);
}

/** Runs `measure`, which turns each of `points` as x [batch, dimension] into `sizes` values, over all of them. */
export async function measurePoints<Name extends string>(
  points: Points,
  sizes: Readonly<Record<Name, number>>,
  measure: (x: Tensor) => Readonly<Record<Name, Tensor>>,
  { session, ...run }: MeasureOptions,
): Promise<Record<Name, Float32Array>> {
  const compiled = await compile(measure(input('x', ['batch', points.dimension])), session);
  try {
    const inputs = { x: { values: points.values, shape: [points.dimension] } };
    const shapes = Object.fromEntries(Object.entries<number>(sizes).map(([name, size]) => [name, [size]]));
    return (await runRows(compiled, points.count, inputs, shapes, run)) as Record<Name, Float32Array>;
  } finally {
    await compiled.close();
  }
}

/** The distances of each of `from` to the `count` nearest of `to`, ascending [from.count, count]. */
export async function nearestDistances(
  from: Points,
  to: Points,
  count: number,
  options: MeasureOptions = {},
): Promise<Float32Array> {
  requirePoints(to, count, 'points to be near to');
  const { nearest } = await measurePoints(
    from,
    { nearest: count },
    (x) => ({ nearest: sqrt(smallest(squaredDistances(x, to), count)) }),
    options,
  );
  return nearest;
}

/** Measures how points lie among each other. Throws BAD_DATA for `neighbours` points or fewer. */
export async function spacePoints(
  points: Points,
  neighbours: number,
  options: MeasureOptions = {},
): Promise<SpacedPoints> {
  requirePoints(points, neighbours + 1, 'points');
  const { nearest, sum } = await measurePoints(
    points,
    { nearest: neighbours, sum: 1 },
    (x) => {
      const squared = squaredDistances(x, points);
      // The nearest of all is the point itself, or a copy of it: at distance zero in either case.
      const others = slice(smallest(squared, neighbours + 1), 1, 1, neighbours + 1);
      return { nearest: sqrt(others), sum: reduceSum(sqrt(squared), [1], true) };
    },
    options,
  );
  const total = sum.reduce((all, each) => all + each, 0);
  return { ...points, nearest, neighbours, meanDistance: total / (points.count * (points.count - 1)) };
}
