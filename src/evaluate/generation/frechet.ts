// The distance between two clouds of points, each taken as a Gaussian.
// Heusel et al., "GANs trained by a two time-scale update rule" (2017), eq. 6; Dowson & Landau (1982).
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { type Points, requirePoints } from './points.ts';

/** Mean [dimension] and covariance [dimension, dimension], with n - 1 in the denominator. */
export interface Gaussian {
  readonly mean: Float64Array;
  readonly covariance: Matrix;
}

/** The Gaussian with the points' mean and covariance. Throws BAD_DATA for fewer than two points. */
export function gaussianOf(points: Points): Gaussian {
  requirePoints(points, 2, 'points for a covariance');
  const { count, dimension, values } = points;
  const mean = new Float64Array(dimension);
  for (let i = 0; i < values.length; i++) {
    mean[i % dimension] = (mean[i % dimension] ?? 0) + (values[i] ?? 0) / count;
  }
  const sums = Array.from({ length: dimension }, () => new Float64Array(dimension));
  const centered = new Float64Array(dimension);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < dimension; i++) centered[i] = (values[row * dimension + i] ?? 0) - (mean[i] ?? 0);
    for (const [i, sum] of sums.entries()) {
      const factor = centered[i] ?? 0;
      if (factor === 0) continue;
      for (let j = 0; j <= i; j++) sum[j] = (sum[j] ?? 0) + factor * (centered[j] ?? 0);
    }
  }
  const covariance = new Matrix(dimension, dimension);
  for (const [i, sum] of sums.entries()) {
    for (let j = 0; j <= i; j++) {
      const value = (sum[j] ?? 0) / (count - 1);
      covariance.set(i, j, value);
      covariance.set(j, i, value);
    }
  }
  return { mean, covariance };
}

/**
 * |m1 - m2|^2 + tr(S1 + S2 - 2 (S1^1/2 S2 S1^1/2)^1/2), in squared units of the features: the squared
 * 2-Wasserstein distance of the two Gaussians. 0 for equal ones; biased upwards by about 1 / points.
 */
export function frechetDistance(a: Gaussian, b: Gaussian): number {
  const root = squareRoot(a.covariance);
  const product = root.mmul(b.covariance).mmul(root);
  const overlap = eigenvalues(product).reduce((sum, value) => sum + Math.sqrt(value), 0);
  const shift = a.mean.reduce((sum, value, i) => sum + (value - (b.mean[i] ?? 0)) ** 2, 0);
  return Math.max(0, shift + a.covariance.trace() + b.covariance.trace() - 2 * overlap);
}

/** The same distance to N(0, I), in closed form: |m|^2 + the sum of (1 - s)^2 over the standard deviations s. */
export function frechetToStandardNormal({ mean, covariance }: Gaussian): number {
  const shift = mean.reduce((sum, value) => sum + value ** 2, 0);
  return eigenvalues(covariance).reduce((sum, value) => sum + (1 - Math.sqrt(value)) ** 2, shift);
}

function decompose(symmetric: Matrix): EigenvalueDecomposition {
  // Rounding leaves a product of symmetric matrices slightly askew, and may turn a zero eigenvalue negative.
  const even = Matrix.add(symmetric, symmetric.transpose()).mul(0.5);
  return new EigenvalueDecomposition(even, { assumeSymmetric: true });
}

const eigenvalues = (symmetric: Matrix): number[] =>
  decompose(symmetric).realEigenvalues.map((value) => Math.max(0, value));

function squareRoot(symmetric: Matrix): Matrix {
  const { realEigenvalues, eigenvectorMatrix: vectors } = decompose(symmetric);
  const roots = realEigenvalues.map((value) => Math.sqrt(Math.max(0, value)));
  return vectors.clone().mulRowVector(roots).mmul(vectors.transpose());
}
