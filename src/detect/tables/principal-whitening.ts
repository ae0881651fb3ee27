// Whitening along principal axes: Kessy, Lewin & Strimmer, "Optimal whitening and decorrelation" (2018), section 2.2.
import { EigenvalueDecomposition } from 'ml-matrix';
import type { Whitening } from '../../models/whitening.ts';
import { momentsOf } from '../moments.ts';

/** Added to every variance: axes along which rows hardly vary must not drown the others. */
const ridge = 1e-2;
/** Rows that are looked at. */
const mostRows = 50_000;

/** Fits the map to the first `dimension` values of each row [count, width]. */
export function fitWhitening(values: Float32Array, width: number, dimension: number): Whitening {
  const count = Math.min(mostRows, values.length / width);
  const points = new Float32Array(count * dimension);
  for (let row = 0; row < count; row++) {
    points.set(values.subarray(row * width, row * width + dimension), row * dimension);
  }
  const { center, covariance } = momentsOf(points, dimension);
  const { realEigenvalues, eigenvectorMatrix: axes } = new EigenvalueDecomposition(covariance, {
    assumeSymmetric: true,
  });
  const scales = realEigenvalues.map((variance) => Math.sqrt(Math.max(0, variance) + ridge));
  const forward = new Float32Array(dimension ** 2);
  const backward = new Float32Array(dimension ** 2);
  for (let i = 0; i < dimension; i++) {
    for (let axis = 0; axis < dimension; axis++) {
      const scale = scales[axis] ?? 1;
      forward[i * dimension + axis] = axes.get(i, axis) / scale;
      backward[axis * dimension + i] = axes.get(i, axis) * scale;
    }
  }
  return { dimension, mean: Float32Array.from(center), forward, backward };
}
