// The directions along which normal rows have heavier tails than a Gaussian: where rare but normal rows differ, and
// many anomalies too. Tyler et al., "Invariant co-ordinate selection" (2009), with the covariance and the matrix of
// fourth moments; as a detector Archimbaud, Nordhausen & Ruiz-Gazen, "ICS for multivariate outlier detection" (2018).
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { Gaussian } from './terms.ts';

/** How much larger than a Gaussian's an axis' fourth moments must be. */
const heavier = 1.1;

/** Mean, and a matrix [dimension, dimension] whose columns of zeros are the directions left out. */
export function fitInvariantCoordinates(points: Float32Array, { center, whitening }: Gaussian): Gaussian {
  const dimension = center.length;
  const count = points.length / dimension;
  const rows = Matrix.from1DArray(count, dimension, points).subRowVector(Array.from(center));
  const white = rows.mmul(Matrix.from1DArray(dimension, dimension, whitening));
  const weighted = white.clone();
  for (let row = 0; row < count; row++) {
    let square = 0;
    for (let i = 0; i < dimension; i++) square += white.get(row, i) ** 2;
    weighted.mulRow(row, square);
  }
  // For a Gaussian every eigenvalue of E[|z|^2 z z'] is dimension + 2.
  const fourth = white
    .transpose()
    .mmul(weighted)
    .div(count * (dimension + 2));
  const { realEigenvalues, eigenvectorMatrix: axes } = new EigenvalueDecomposition(fourth, {
    assumeSymmetric: true,
  });
  const order = [...realEigenvalues.keys()].sort(
    (a, b) => (realEigenvalues[b] ?? 0) - (realEigenvalues[a] ?? 0),
  );
  const heavy = order.filter((axis) => (realEigenvalues[axis] ?? 0) > heavier);
  const kept = heavy.length * 2 > dimension ? heavy : order.slice(0, Math.ceil(dimension / 2));
  const chosen = new Matrix(dimension, dimension);
  for (const axis of kept) chosen.setColumn(axis, axes.getColumn(axis));
  const projection = Matrix.from1DArray(dimension, dimension, whitening).mmul(chosen);
  return { center, whitening: Float32Array.from(projection.to1DArray()) };
}
