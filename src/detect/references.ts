// What training rows teach the scores: reference points in each space that a score measures distances in, and the
// Gaussians around them.
import { CholeskyDecomposition, inverse, Matrix } from 'ml-matrix';
import { chooseRows, type RowSet } from '../data/rows.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { GenerativeModel } from '../models/model.ts';
import { createRandom, permutation } from '../nn/random.ts';
import { compile, type SessionOptions } from '../runtime/session.ts';
import type { Modality } from './modality.ts';
import { fitNeighbourhood, type Neighbourhood, type NeighbourOptions } from './neighbours.ts';
import { type RunRowsOptions, runRows } from './run-rows.ts';
import type { Gaussian, Reference, View } from './terms.ts';

export interface ReferenceOptions extends NeighbourOptions {
  /** At most so many training rows serve as neighbours. */
  readonly referenceRows: number;
  readonly seed: number | string;
}

/** One reference for each view (each member of an ensemble), from a random choice of training rows. */
export async function fitReferences(
  modality: Modality,
  model: GenerativeModel,
  views: readonly View[],
  training: RowSet,
  options: ReferenceOptions,
  run: RunRowsOptions & { readonly session?: SessionOptions },
): Promise<Reference[]> {
  const count = Math.min(options.referenceRows, training.count);
  const chosen = permutation(training.count, createRandom(`${options.seed}/reference`))
    .subarray(0, count)
    .sort();
  const spaces = spacesOf(views);
  const lengthOf = (name: string): number => Number(spaces[name]?.shape[1]);
  const session = await compile(spaces, run.session);
  const shapes = Object.fromEntries(Object.keys(spaces).map((name) => [name, [lengthOf(name)]]));
  const seen = await runRows(session, count, modality.feed(chooseRows(training, chosen)), shapes, run);
  await session.close();
  const pointsOf = (name: string): Float32Array => seen[name] ?? new Float32Array();
  const neighbourhood = async (name: string): Promise<Neighbourhood | undefined> =>
    name in spaces ? fitNeighbourhood(pointsOf(name), lengthOf(name), options, run.session) : undefined;
  const shared = { edges: await neighbourhood('edges'), values: await neighbourhood('values') };
  const references: Reference[] = [];
  for (const i of views.keys()) {
    const residual = `residual${i}` in spaces ? pointsOf(`residual${i}`) : undefined;
    references.push({
      ...(shared.edges === undefined ? {} : { edges: shared.edges }),
      ...(shared.values === undefined ? {} : { values: shared.values }),
      latent: (await neighbourhood(`latent${i}`)) as Neighbourhood,
      latentGaussian: gaussianOf(pointsOf(`latent${i}`), model.latentDim),
      ...(residual === undefined ? {} : { residualGaussian: gaussianOf(residual, lengthOf(`residual${i}`)) }),
      neighbours: options,
    });
  }
  return references;
}

/** The spaces that the members share, and each member's own. */
function spacesOf(views: readonly View[]): Record<string, Tensor> {
  const [first] = views;
  const spaces: Record<string, Tensor> = {};
  if (first?.edges !== undefined) spaces.edges = first.edges;
  for (const [i, { perception, residual, values }] of views.entries()) {
    spaces[`latent${i}`] = perception.latent;
    if (residual === undefined) continue;
    spaces.values = values;
    spaces[`residual${i}`] = residual;
  }
  return spaces;
}

/** Mean of points [count, dimension] and the matrix that whitens them: (L^-1)^T for their covariance L L^T. */
export function gaussianOf(points: Float32Array, dimension: number): Gaussian {
  const count = points.length / dimension;
  const rows = Matrix.from1DArray(count, dimension, points);
  const center = rows.mean('column');
  rows.subRowVector(center);
  const covariance = rows.transpose().mmul(rows).div(count);
  // A thousandth of the mean variance keeps directions that hardly vary from drowning the rest.
  const ridge = Math.max(1e-6, (1e-3 * covariance.trace()) / dimension);
  const { lowerTriangularMatrix } = new CholeskyDecomposition(
    covariance.add(Matrix.eye(dimension, dimension, ridge)),
  );
  const whitening = inverse(lowerTriangularMatrix).transpose();
  return { center: Float32Array.from(center), whitening: Float32Array.from(whitening.to1DArray()) };
}
