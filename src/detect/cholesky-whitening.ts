// From a covariance to the coordinates in which it is the identity: what Gaussians, mixtures and distances share.
import { CholeskyDecomposition, Matrix } from 'ml-matrix';

/** (L^-1)^T for the covariance L L^T, rows times matrix, and the logarithm of the determinant of L. */
export function whitenCovariance(covariance: Matrix): {
  readonly whitening: Matrix;
  readonly logRoot: number;
} {
  // Rounding leaves the two halves of a sum of products a little apart.
  const symmetric = Matrix.add(covariance, covariance.transpose()).mul(0.5);
  const lower = new CholeskyDecomposition(symmetric).lowerTriangularMatrix.to2DArray();
  const size = lower.length;
  const whitening = Matrix.zeros(size, size);
  let logRoot = 0;
  // L^-1 column by column, by substitution: a general inverse takes ten times as long.
  const solved = new Float64Array(size);
  for (let column = 0; column < size; column++) {
    for (let row = column; row < size; row++) {
      const line = lower[row] ?? [];
      let sum = row === column ? 1 : 0;
      for (let k = column; k < row; k++) sum -= (line[k] ?? 0) * (solved[k] ?? 0);
      solved[row] = sum / (line[row] ?? 1);
      whitening.set(column, row, solved[row] ?? 0);
    }
    logRoot += Math.log(lower[column]?.[column] ?? 1);
  }
  return { whitening, logRoot };
}
