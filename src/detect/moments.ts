// Mean and covariance of points: what every Gaussian, mixture and whitening starts from. Own loops, because a general
// matrix product takes ten times as long for thousands of images' edges.
import { Matrix } from 'ml-matrix';

export interface Moments {
  /** [dimension] */
  readonly center: Float64Array;
  /** [dimension, dimension], by the number of points. */
  readonly covariance: Matrix;
}

/** Rows whose products are added at once: the sums are read and written so much less often. */
const together = 4;

/** Moments, in float64, of points [count, dimension]. */
export function momentsOf(points: Float32Array, dimension: number): Moments {
  const count = points.length / dimension;
  const center = new Float64Array(dimension);
  for (let at = 0; at < points.length; at++) {
    center[at % dimension] = (center[at % dimension] as number) + (points[at] as number);
  }
  for (let i = 0; i < dimension; i++) center[i] = (center[i] as number) / count;
  const sums = new Float64Array(dimension * dimension);
  const rows = new Float64Array(together * dimension);
  for (let start = 0; start < count; start += together) {
    for (let k = 0; k < together; k++) {
      const isThere = start + k < count;
      for (let i = 0; i < dimension; i++) {
        const value = isThere ? (points[(start + k) * dimension + i] as number) - (center[i] as number) : 0;
        rows[k * dimension + i] = value;
      }
    }
    for (let i = 0; i < dimension; i++) {
      const [a, b] = [rows[i] as number, rows[dimension + i] as number];
      const [c, d] = [rows[2 * dimension + i] as number, rows[3 * dimension + i] as number];
      for (let j = i; j < dimension; j++) {
        const at = i * dimension + j;
        sums[at] =
          (sums[at] as number) +
          a * (rows[j] as number) +
          b * (rows[dimension + j] as number) +
          c * (rows[2 * dimension + j] as number) +
          d * (rows[3 * dimension + j] as number);
      }
    }
  }
  const covariance = new Matrix(dimension, dimension);
  for (let i = 0; i < dimension; i++) {
    for (let j = i; j < dimension; j++) {
      const value = (sums[i * dimension + j] as number) / count;
      covariance.set(i, j, value);
      covariance.set(j, i, value);
    }
  }
  return { center, covariance };
}
