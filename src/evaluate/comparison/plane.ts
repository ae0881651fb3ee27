// Points seen from where they spread most: their two largest principal components.
import { EigenvalueDecomposition } from 'ml-matrix';
import { gaussianOf } from '../generation/frechet.ts';
import type { Points } from '../generation/points.ts';

/** A direction of length 1, and the points' standard deviation along it. */
export interface PrincipalAxis {
  readonly direction: readonly number[];
  readonly deviation: number;
}

/**
 * Coordinates [count, 2] of points on the two axes along which they vary most, centred, the share of their whole
 * variance that those two explain, and the axes. Of the two directions of an axis, that with the larger sum is positive.
 */
export function principalPlane(points: Points): {
  readonly points: Float32Array;
  readonly explained: number;
  /** Two, or one for points of one dimension. */
  readonly axes: readonly PrincipalAxis[];
} {
  const { count, dimension, values } = points;
  const { mean, covariance } = gaussianOf(points);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, {
    assumeSymmetric: true,
  });
  const order = [...realEigenvalues.keys()].sort(
    (a, b) => (realEigenvalues[b] ?? 0) - (realEigenvalues[a] ?? 0),
  );
  const axes = order.slice(0, 2).map((column): PrincipalAxis => {
    const axis = eigenvectorMatrix.getColumn(column);
    const sign = axis.reduce((sum, each) => sum + each, 0) < 0 ? -1 : 1;
    return {
      direction: axis.map((each) => sign * each),
      deviation: Math.sqrt(Math.max(0, realEigenvalues[column] ?? 0)),
    };
  });
  const flat = new Float32Array(2 * count);
  for (let row = 0; row < count; row++) {
    for (const [a, { direction }] of axes.entries()) {
      let sum = 0;
      for (const [i, weight] of direction.entries()) {
        sum += weight * ((values[row * dimension + i] ?? 0) - (mean[i] ?? 0));
      }
      flat[2 * row + a] = sum;
    }
  }
  const variance = (some: readonly number[]): number =>
    some.reduce((sum, column) => sum + Math.max(0, realEigenvalues[column] ?? 0), 0);
  const whole = variance(order);
  return { points: flat, explained: whole > 0 ? variance(order.slice(0, 2)) / whole : 1, axes };
}
