// The table of scores: what each measures, as a graph; higher is more anomalous. docs/scores.md has the maths.
// A new score is a row here; it is then fitted, standardised, exported and reported like the others.
import {
  add,
  constant,
  divide,
  log,
  matmul,
  multiply,
  reduceSum,
  square,
  subtract,
} from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Perception } from '../models/model.ts';
import { type Neighbourhood, type NeighbourOptions, neighbourScore } from './neighbours.ts';

/** Everything that a score may look at, symbolic, one row per image. */
export interface View {
  /** [batch, pixels] in [0, 1]. */
  readonly pixels: Tensor;
  /** Oriented gradients of the image, and of the model's reconstruction [batch, length]. */
  readonly edges: Tensor;
  readonly reconstructedEdges: Tensor;
  readonly perception: Perception;
}

/** What the training rows taught the scores. */
export interface Reference {
  readonly edges: Neighbourhood;
  readonly latent: Neighbourhood;
  /** Mean [latentDim] and inverse Cholesky factor [latentDim, latentDim] of the latent means. */
  readonly center: Float32Array;
  readonly whitening: Float32Array;
  readonly neighbours: NeighbourOptions;
}

export interface Term {
  readonly title: string;
  /** [batch], higher is more anomalous; undefined where the model lacks what it needs. */
  score(view: View, reference: Reference): Tensor | undefined;
}

const squaredError = (a: Tensor, b: Tensor): Tensor => reduceSum(square(subtract(a, b)), [1]);
/** Errors are skewed; their logarithms are close to normal, and sums of them are ratios. */
const logOf = (x: Tensor): Tensor => log(add(x, 1e-6));

export const terms = {
  edgeDensity: {
    title: 'distance to the nearest normals in edge space',
    score: ({ edges }, reference) => neighbourScore(edges, reference.edges, reference.neighbours),
  },
  latentDensity: {
    title: 'distance to the nearest normals in latent space',
    score: ({ perception }, reference) =>
      neighbourScore(perception.latent, reference.latent, reference.neighbours),
  },
  edgeReconstruction: {
    title: 'reconstruction error in edge space',
    score: ({ edges, reconstructedEdges }) => logOf(squaredError(edges, reconstructedEdges)),
  },
  reconstruction: {
    title: 'reconstruction error',
    score: ({ pixels, perception }) => logOf(squaredError(pixels, perception.reconstruction)),
  },
  relativeReconstruction: {
    title: "reconstruction error relative to the image's energy",
    score: ({ pixels, perception }) =>
      logOf(
        divide(squaredError(pixels, perception.reconstruction), add(reduceSum(square(pixels), [1]), 1e-3)),
      ),
  },
  bound: {
    title: 'negative likelihood bound',
    score: ({ perception }) => perception.bound,
  },
  divergence: {
    title: 'divergence of the posterior from the prior',
    score: ({ perception }) => perception.divergence,
  },
  mahalanobis: {
    title: 'Mahalanobis distance of the latent mean',
    score: ({ perception: { latent } }, { center, whitening }) => {
      const dimension = center.length;
      const centred = subtract(latent, constant(center, [dimension]));
      const white = matmul(centred, constant(whitening, [dimension, dimension]));
      return logOf(multiply(reduceSum(square(white), [1]), 1 / dimension));
    },
  },
} satisfies Record<string, Term>;
export type TermName = keyof typeof terms;
export const termNames = Object.keys(terms) as TermName[];
