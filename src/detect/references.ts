// What training rows teach the scores: reference points in each space that a score measures distances in, and the
// Gaussians around them.
import { inverse, Matrix } from 'ml-matrix';
import { chooseRows, type RowSet } from '../data/rows.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { GenerativeModel } from '../models/model.ts';
import { createRandom, permutation } from '../nn/random.ts';
import { compile, type SessionOptions } from '../runtime/session.ts';
import { whitenCovariance } from './cholesky-whitening.ts';
import { fitInvariantCoordinates } from './invariant-coordinates.ts';
import { fitMixture, type Mixture, mostComponents } from './mixture.ts';
import type { Modality } from './modality.ts';
import { momentsOf } from './moments.ts';
import { fitNeighbourhood, type Neighbourhood, type NeighbourOptions } from './neighbours.ts';
import { type RunRowsOptions, runRows } from './run-rows.ts';
import type { Gaussian, Reference, View } from './terms.ts';

export interface ReferenceOptions extends NeighbourOptions {
  /** At most so many training rows serve as neighbours. */
  readonly referenceRows: number;
  readonly seed: number | string;
}

/** Of hundreds of edges, which vary together, many directions are hardly known. */
const edgeShrinkage = 0.1;

/** Rows that Gaussians and mixtures are fitted to, at most. */
const momentRows = 20_000;

/** One reference for each view (each member of an ensemble), from a random choice of training rows. */
export async function fitReferences(
  modality: Modality,
  model: GenerativeModel,
  views: readonly View[],
  training: RowSet,
  options: ReferenceOptions,
  run: RunRowsOptions & { readonly session?: SessionOptions },
): Promise<Reference[]> {
  const wanted =
    model.domain.kind === 'table' ? Math.max(momentRows, options.referenceRows) : options.referenceRows;
  const count = Math.min(wanted, training.count);
  const order = permutation(training.count, createRandom(`${options.seed}/reference`));
  // The neighbours first, then those that only Gaussians are fitted to.
  const near = Math.min(options.referenceRows, count);
  const chosen = [...order.slice(0, near).sort(), ...order.slice(near, count).sort()];
  const spaces = spacesOf(views);
  const lengthOf = (name: string): number => Number(spaces[name]?.shape[1]);
  const session = await compile(spaces, run.session);
  const shapes = Object.fromEntries(Object.keys(spaces).map((name) => [name, [lengthOf(name)]]));
  const seen = await runRows(session, count, modality.feed(chooseRows(training, chosen)), shapes, run);
  await session.close();
  const pointsOf = (name: string): Float32Array => seen[name] ?? new Float32Array();
  const neighbourhood = async (name: string): Promise<Neighbourhood | undefined> =>
    name in spaces
      ? fitNeighbourhood(pointsOf(name).slice(0, near * lengthOf(name)), lengthOf(name), options, run.session)
      : undefined;
  const edges = await neighbourhood('edges');
  const ofEdges =
    edges === undefined
      ? {}
      : { edges, edgeGaussian: gaussianOf(pointsOf('edges'), lengthOf('edges'), edgeShrinkage) };
  const values =
    'values' in spaces
      ? await fitValues(pointsOf('values'), lengthOf('values'), near, options, { ...run, ...modality })
      : {};
  const references: Reference[] = [];
  for (const i of views.keys()) {
    const residual = `residual${i}` in spaces ? pointsOf(`residual${i}`) : undefined;
    references.push({
      ...ofEdges,
      ...values,
      latent: (await neighbourhood(`latent${i}`)) as Neighbourhood,
      latentGaussian: gaussianOf(pointsOf(`latent${i}`), model.latentDim),
      ...(residual === undefined ? {} : { residualGaussian: gaussianOf(residual, lengthOf(`residual${i}`)) }),
      neighbours: options,
    });
  }
  return references;
}

/** A mixture's fitting costs as much as rows times features squared: so much, and no fewer rows than these. */
const mixtureWork = 4e7;
const fewestMixtureRows = 2_000;

/** Components of the mixtures that are fitted to the rows of a table. */
const mixtureSizes = [1, 2, 4, 8, 16] as const;

async function fitValues(
  points: Float32Array,
  dimension: number,
  near: number,
  options: ReferenceOptions,
  { session, isWhitened }: { readonly session?: SessionOptions } & Pick<Modality, 'isWhitened'>,
): Promise<Pick<Reference, 'values' | 'metric' | 'valueGaussian' | 'invariant' | 'valueMixtures'>> {
  const affordable = Math.max(fewestMixtureRows, Math.floor(mixtureWork / dimension ** 2));
  const sample = points.slice(0, affordable * dimension);
  const valueMixtures: Mixture[] = [];
  const most = mostComponents(sample.length / dimension, dimension);
  for (const components of mixtureSizes.filter((size) => size === 1 || size <= most)) {
    const choices = {
      components,
      seed: `${options.seed}/mixture`,
      ...(session === undefined ? {} : { session }),
    };
    valueMixtures.push(await fitMixture(sample, dimension, choices));
  }
  const valueGaussian = gaussianOf(points, dimension);
  const metric = isWhitened ? valueGaussian : { ...valueGaussian, whitening: identity(dimension) };
  return {
    valueGaussian,
    metric,
    values: await fitNeighbourhood(
      whitened(points.slice(0, near * dimension), metric),
      dimension,
      options,
      session,
    ),
    invariant: fitInvariantCoordinates(points, valueGaussian),
    valueMixtures,
  };
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

const identity = (dimension: number): Float32Array =>
  Float32Array.from(Matrix.eye(dimension, dimension).to1DArray());

function whitened(points: Float32Array, { center, whitening }: Gaussian): Float32Array {
  const dimension = center.length;
  const rows = Matrix.from1DArray(points.length / dimension, dimension, points).subRowVector(
    Array.from(center),
  );
  return Float32Array.from(rows.mmul(Matrix.from1DArray(dimension, dimension, whitening)).to1DArray());
}

/** Points as they were before the Gaussian's coordinates. */
export function unwhitened(points: Float32Array, { center, whitening }: Gaussian): Float32Array {
  const dimension = center.length;
  const back = inverse(Matrix.from1DArray(dimension, dimension, whitening));
  const rows = Matrix.from1DArray(points.length / dimension, dimension, points).mmul(back);
  return Float32Array.from(rows.addRowVector(Array.from(center)).to1DArray());
}

/** Mean of points [count, dimension] and the matrix that whitens them: (L^-1)^T for their covariance L L^T. */
export function gaussianOf(points: Float32Array, dimension: number, shrinkage = 1e-3): Gaussian {
  const { center, covariance } = momentsOf(points, dimension);
  // A share of the mean variance keeps directions that hardly vary from drowning the rest.
  const ridge = Math.max(1e-6, (shrinkage * covariance.trace()) / dimension);
  const { whitening } = whitenCovariance(covariance.add(Matrix.eye(dimension, dimension, ridge)));
  return { center: Float32Array.from(center), whitening: Float32Array.from(whitening.to1DArray()) };
}
