// The simplest generator there is: one Gaussian in the space of the largest principal components of the pixels.
// What any model must beat. Components by subspace iteration, so that large images need no pixels x pixels matrix:
// Halko, Martinsson & Tropp, "Finding structure with randomness" (2011), algorithm 4.4.
import { EigenvalueDecomposition, Matrix, QrDecomposition } from 'ml-matrix';
import type { ImageSet, ImageShape } from '../../data/dataset.ts';
import { add, constant, input, matmul, multiply, subtract, toFloat } from '../../graph/operations.ts';
import { createRandom, fillNormal } from '../../nn/random.ts';
import { compile, createBuffer } from '../../runtime/session.ts';
import { type MeasureOptions, measurePoints, requirePoints } from './points.ts';

export interface PixelGaussian {
  readonly shape: ImageShape;
  readonly components: number;
  /** Mean pixels, 0..255 [pixels]. */
  readonly mean: Float32Array;
  /** Principal axes, each scaled by its standard deviation, largest first [components, pixels]. */
  readonly axes: Float32Array;
}

/** Extra dimensions of the subspace, and rounds: the spread along the 64th axis of MNIST is then right to 0.1 %. */
const oversampling = 16;
const rounds = 8;

/** Fits the Gaussian to images. Throws BAD_DATA for fewer than two. */
export async function fitPixelGaussian(
  { shape, count, pixels }: ImageSet,
  components = 64,
  { session }: MeasureOptions = {},
): Promise<PixelGaussian> {
  requirePoints({ count }, 2, 'images');
  const size = shape[0] * shape[1] * shape[2];
  const width = Math.min(components + oversampling, size, count);
  const mean = new Float32Array(size);
  for (let pixel = 0; pixel < size; pixel++) {
    let sum = 0;
    for (let i = pixel; i < pixels.length; i += size) sum += pixels[i] ?? 0;
    mean[pixel] = sum / count;
  }
  // The covariance of all rows, applied to a basis: X' (X basis) / (count - 1).
  const centered = subtract(toFloat(input('pixels', ['rows', size], 'uint8')), constant(mean, [size]));
  const basis = input('basis', [size, width]);
  const product = matmul(centered, multiply(matmul(centered, basis), 1 / (count - 1)), { transposeA: true });
  const compiled = await compile({ product }, session);
  try {
    const image = createBuffer(new Float32Array(size * width), [size, width]);
    const rows = createBuffer(pixels, [count, size]);
    const apply = async (q: Matrix): Promise<Matrix> => {
      const fed = createBuffer(Float32Array.from(q.to1DArray()), [size, width]);
      await compiled.run({ pixels: rows, basis: fed }, { product: image });
      return Matrix.from1DArray(size, width, image.values as Float32Array);
    };
    const draws = fillNormal(new Float32Array(size * width), createRandom('subspace'));
    let q = orthonormal(Matrix.from1DArray(size, width, draws));
    for (let round = 0; round < rounds; round++) q = orthonormal(await apply(q));
    const small = q.transpose().mmul(await apply(q));
    const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
      Matrix.add(small, small.transpose()).mul(0.5),
      { assumeSymmetric: true },
    );
    const largest = [...realEigenvalues.keys()]
      .sort((a, b) => (realEigenvalues[b] ?? 0) - (realEigenvalues[a] ?? 0))
      .slice(0, components);
    const deviations = largest.map((i) => Math.sqrt(Math.max(0, realEigenvalues[i] ?? 0)));
    const axes = q.mmul(eigenvectorMatrix.subMatrixColumn(largest)).mulRowVector(deviations).transpose();
    return { shape, components: largest.length, mean, axes: Float32Array.from(axes.to1DArray()) };
  } finally {
    await compiled.close();
  }
}

/** Draws images from the Gaussian, pixels rounded and clipped to 0..255. Equal seeds give equal images. */
export async function drawFromGaussian(
  { shape, components, mean, axes }: PixelGaussian,
  count: number,
  seed: number | string,
  options: MeasureOptions = {},
): Promise<ImageSet> {
  const values = fillNormal(new Float32Array(count * components), createRandom(`${seed}/gaussian`));
  const size = mean.length;
  const { pixels } = await measurePoints(
    { count, dimension: components, values },
    { pixels: size },
    (z) => ({ pixels: add(matmul(z, constant(axes, [components, size])), constant(mean, [size])) }),
    options,
  );
  return { shape, count, pixels: Uint8Array.from(new Uint8ClampedArray(pixels)) };
}

const orthonormal = (columns: Matrix): Matrix => new QrDecomposition(columns).orthogonalMatrix;
