// Principal axes in float64: the eigenvectors of the covariance of the columns, or, where there are fewer rows than
// columns, those of the rows' inner products, which span the same space.
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { DenseRows } from './baseline.ts';
import { columnMeans, createBreather } from './dense-rows.ts';

export interface PrincipalComponents {
  readonly width: number;
  /** [width] */
  readonly mean: Float64Array;
  /** Variance along each axis (divisor count - 1), largest first [rank]. */
  readonly variances: Float64Array;
  /** Orthonormal [rank, width]. */
  readonly axes: Float64Array;
  /** Variance in all, dropped axes included. */
  readonly total: number;
}

/** Axes with less than this share of the largest variance are rounding noise. */
const negligible = 1e-9;

/** Fits the axes; rank 0 where all rows are equal or there is one. Throws ABORTED. */
export async function fitPrincipalComponents(
  rows: DenseRows,
  signal?: AbortSignal,
): Promise<PrincipalComponents> {
  const { count, width } = rows;
  const mean = columnMeans(rows);
  const dual = count < width;
  const products = dual ? await rowProducts(rows, mean, signal) : await columnProducts(rows, mean, signal);
  const size = dual ? count : width;
  for (let i = 0; i < products.length; i++) products[i] = (products[i] ?? 0) / Math.max(1, count - 1);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
    Matrix.from1DArray(size, size, products),
    { assumeSymmetric: true },
  );
  const order = [...realEigenvalues.keys()].sort(
    (a, b) => (realEigenvalues[b] ?? 0) - (realEigenvalues[a] ?? 0),
  );
  const variances = Float64Array.from(order, (i) => Math.max(0, realEigenvalues[i] ?? 0));
  const largest = variances[0] ?? 0;
  // A constant column's mean is rounded, so its variance need not be exactly zero.
  const floor = Math.max(negligible * largest, 1e-24 * mean.reduce((sum, value) => sum + value * value, 0));
  const rank = variances.filter((variance) => variance > floor).length;
  const axes = new Float64Array(rank * width);
  const centred = new Float64Array(width);
  for (let row = 0; row < size; row++) {
    if (dual) centre(rows, row, mean, centred);
    for (let k = 0; k < rank; k++) {
      const weight = eigenvectorMatrix.get(row, order[k] ?? 0);
      if (!dual) axes[k * width + row] = weight;
      else {
        const scale = weight / Math.sqrt((variances[k] ?? 1) * (count - 1));
        for (let j = 0; j < width; j++)
          axes[k * width + j] = (axes[k * width + j] ?? 0) + scale * (centred[j] ?? 0);
      }
    }
  }
  const total = variances.reduce((sum, variance) => sum + variance, 0);
  return { width, mean, variances: variances.slice(0, rank), axes, total };
}

/** Hands over each row less the mean [width], with its coordinates on the first `rank` axes; both are reused. */
export async function projectRows(
  rows: DenseRows,
  { mean, axes, width }: PrincipalComponents,
  rank: number,
  visit: (row: number, centred: Float64Array, coordinates: Float64Array) => void,
  signal?: AbortSignal,
): Promise<void> {
  const breathe = createBreather(signal);
  const [centred, coordinates] = [new Float64Array(width), new Float64Array(rank)];
  for (let row = 0; row < rows.count; row++) {
    await breathe();
    centre(rows, row, mean, centred);
    for (let k = 0; k < rank; k++) coordinates[k] = dot(axes, k * width, centred, 0, width);
    visit(row, centred, coordinates);
  }
}

/** The sum of squares. */
export const squaredLength = (vector: Float64Array): number => dot(vector, 0, vector, 0, vector.length);

function centre(
  { values, width }: DenseRows,
  row: number,
  mean: Float64Array,
  target: Float64Array,
  at = 0,
): void {
  for (let j = 0; j < width; j++) target[at + j] = (values[row * width + j] ?? 0) - (mean[j] ?? 0);
}

function dot(a: Float64Array, atA: number, b: Float64Array, atB: number, length: number): number {
  let sum = 0;
  for (let j = 0; j < length; j++) sum += (a[atA + j] ?? 0) * (b[atB + j] ?? 0);
  return sum;
}

/** Rows added to the columns' products at once: each pass over that large matrix then does four rows' work. */
const together = 4;

/** X'X of the centred rows [width, width]. */
async function columnProducts(
  rows: DenseRows,
  mean: Float64Array,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const { count, width } = rows;
  const breathe = createBreather(signal);
  const products = new Float64Array(width * width);
  const block = new Float64Array(together * width);
  for (let start = 0; start < count; start += together) {
    await breathe();
    block.fill(0);
    const end = Math.min(start + together, count);
    for (let row = start; row < end; row++) centre(rows, row, mean, block, (row - start) * width);
    for (let i = 0; i < width; i++) {
      const a = block[i] ?? 0;
      const b = block[width + i] ?? 0;
      const c = block[2 * width + i] ?? 0;
      const d = block[3 * width + i] ?? 0;
      if (a === 0 && b === 0 && c === 0 && d === 0) continue;
      for (let j = i; j < width; j++) {
        products[i * width + j] =
          (products[i * width + j] ?? 0) +
          a * (block[j] ?? 0) +
          b * (block[width + j] ?? 0) +
          c * (block[2 * width + j] ?? 0) +
          d * (block[3 * width + j] ?? 0);
      }
    }
  }
  return mirror(products, width);
}

/** XX' of the centred rows [count, count]. */
async function rowProducts(rows: DenseRows, mean: Float64Array, signal?: AbortSignal): Promise<Float64Array> {
  const { count, width } = rows;
  const breathe = createBreather(signal);
  const centred = new Float64Array(count * width);
  for (let row = 0; row < count; row++) centre(rows, row, mean, centred, row * width);
  const products = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    await breathe();
    for (let j = i; j < count; j++)
      products[i * count + j] = dot(centred, i * width, centred, j * width, width);
  }
  return mirror(products, count);
}

function mirror(upper: Float64Array, size: number): Float64Array {
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) upper[i * size + j] = upper[j * size + i] ?? 0;
  return upper;
}
