// Points seen from where they spread most: their two largest principal components.
import { EigenvalueDecomposition } from 'ml-matrix';
import { gaussianOf } from '../generation/frechet.ts';
import type { Points } from '../generation/points.ts';

/**
 * Coordinates [count, 2] of points on the two axes along which they vary most, centred, and the share of their whole
 * variance that those two explain. Of the two directions of an axis, that with the larger sum is positive.
 */
export function principalPlane(points: Points): {
  readonly points: Float32Array;
  readonly explained: number;
} {
  const { count, dimension, values } = points;
  const { mean, covariance } = gaussianOf(points);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, {
    assumeSymmetric: true,
  });
  const order = [...realEigenvalues.keys()].sort(
    (a, b) => (realEigenvalues[b] ?? 0) - (realEigenvalues[a] ?? 0),
  );
  const axes = order.slice(0, 2).map((column) => {
    const axis = eigenvectorMatrix.getColumn(column);
    const sign = axis.reduce((sum, each) => sum + each, 0) < 0 ? -1 : 1;
    return axis.map((each) => sign * each);
  });
  const flat = new Float32Array(2 * count);
  for (let row = 0; row < count; row++) {
    for (const [a, axis] of axes.entries()) {
      let sum = 0;
      for (const [i, weight] of axis.entries()) {
        sum += weight * ((values[row * dimension + i] ?? 0) - (mean[i] ?? 0));
      }
      flat[2 * row + a] = sum;
    }
  }
  const variance = (some: readonly number[]): number =>
    some.reduce((sum, column) => sum + Math.max(0, realEigenvalues[column] ?? 0), 0);
  const whole = variance(order);
  return { points: flat, explained: whole > 0 ? variance(order.slice(0, 2)) / whole : 1 };
}
