// Density by distance: how far an image lies from its nearest normals, measured by how far those lie from theirs.
// The ratio of the two is the idea of Breunig et al., "LOF: identifying density-based local outliers" (2000);
// distances to the k nearest normals alone are Ramaswamy et al. (2000).
import {
  add,
  constant,
  gatherRows,
  input,
  log,
  matmul,
  maximum,
  multiply,
  reduceMean,
  reduceSum,
  reshape,
  smallest,
  smallestIndices,
  sqrt,
  square,
  subtract,
  toFloat,
} from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';
import { compile, type SessionOptions } from '../runtime/session.ts';
import { runRows } from './run-rows.ts';

/** Normal rows as points, and how widely each is spaced from the others. */
export interface Neighbourhood {
  readonly count: number;
  readonly dimension: number;
  /** [count, dimension] */
  readonly points: Float32Array;
  /** Their squared lengths [count]. */
  readonly norms: Float32Array;
  /** Mean distance of each point to its nearest fellows [count]. */
  readonly spacing: Float32Array;
}

export interface NeighbourOptions {
  /** Neighbours whose distance is averaged. */
  readonly neighbours: number;
  /** Fellows that measure a point's own spacing. */
  readonly fellows: number;
  /** How much the spacing counts: 0 is plain distance, 1 a full ratio. */
  readonly locality: number;
}

/** Squared distances [batch, count] of x [batch, dimension] to every point. */
function squaredDistances(
  x: Tensor,
  { points, norms, count, dimension }: Omit<Neighbourhood, 'spacing'>,
): Tensor {
  const table = constant(points, [count, dimension]);
  const cross = add(matmul(multiply(x, -2), table, { transposeB: true }), constant(norms, [count]));
  return add(cross, reduceSum(square(x), [1], true));
}

function squaredNorms(points: Float32Array, count: number, dimension: number): Float32Array {
  const norms = new Float32Array(count);
  for (let row = 0; row < count; row++) {
    const point = points.subarray(row * dimension, (row + 1) * dimension);
    norms[row] = point.reduce((sum, value) => sum + value * value, 0);
  }
  return norms;
}

const distances = (squared: Tensor): Tensor => sqrt(maximum(squared, 1e-12));

/** log mean distance to the nearest points - locality * log mean spacing of those points: [batch]. */
export function neighbourScore(x: Tensor, neighbourhood: Neighbourhood, options: NeighbourOptions): Tensor {
  const { spacing, count } = neighbourhood;
  const k = Math.min(options.neighbours, count);
  const squared = squaredDistances(x, neighbourhood);
  const far = log(reduceMean(distances(smallest(squared, k)), [1]));
  if (options.locality === 0) return far;
  const around = gatherRows(constant(spacing, [count]), smallestIndices(squared, k));
  return subtract(far, multiply(log(reduceMean(around, [1])), options.locality));
}

/** The position of the point nearest to each x, as float32 [batch]. */
export function nearestPoint(x: Tensor, neighbourhood: Neighbourhood): Tensor {
  const nearest = smallestIndices(squaredDistances(x, neighbourhood), 1);
  return reshape(toFloat(nearest), [x.shape[0] ?? 1]);
}

/** How far x lies from its nearest points along each axis: mean squared differences [batch, dimension]. */
export function neighbourDifferences(
  x: Tensor,
  neighbourhood: Neighbourhood,
  options: NeighbourOptions,
): Tensor {
  const { points, count, dimension } = neighbourhood;
  const squared = squaredDistances(x, neighbourhood);
  const nearest = smallestIndices(squared, Math.min(options.neighbours, count));
  const neighbours = gatherRows(constant(points, [count, dimension]), nearest);
  return reduceMean(square(subtract(reshape(x, [x.shape[0] ?? 1, 1, dimension]), neighbours)), [1]);
}

/** Measures each point's spacing among its fellows. */
export async function fitNeighbourhood(
  points: Float32Array,
  dimension: number,
  { fellows }: NeighbourOptions,
  session: SessionOptions = {},
): Promise<Neighbourhood> {
  const count = points.length / dimension;
  const known = { points, norms: squaredNorms(points, count, dimension), count, dimension };
  const k = Math.min(fellows + 1, count);
  const nearest = distances(smallest(squaredDistances(input('x', ['batch', dimension]), known), k));
  // The nearest of all is the point itself, at distance zero.
  const mean = multiply(reduceSum(nearest, [1]), 1 / Math.max(1, k - 1));
  const compiled = await compile({ spacing: maximum(reshape(mean, ['batch']), 1e-6) }, session);
  const { spacing } = await runRows(
    compiled,
    count,
    { x: { values: points, shape: [dimension] } },
    { spacing: [] },
  );
  await compiled.close();
  return { ...known, spacing: spacing ?? new Float32Array(count) };
}
