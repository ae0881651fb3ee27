// The table of scores: what each measures, as a graph; higher is more anomalous. docs/scores.md has the maths.
// A new score is a row here; it is then fitted, standardised, exported and reported like the others.
import type { ImageShape } from '../data/dataset.ts';
import {
  add,
  constant,
  divide,
  lengthOf,
  log,
  matmul,
  multiply,
  negate,
  reduceMean,
  reduceSum,
  relu,
  reshape,
  softplus,
  square,
  subtract,
} from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Perception } from '../models/model.ts';
import { spreadOverPixels } from '../nn/oriented-gradients.ts';
import { type Mixture, mixtureSurprise } from './mixture.ts';
import {
  type Neighbourhood,
  type NeighbourOptions,
  neighbourDifferences,
  neighbourScore,
} from './neighbours.ts';

/** Everything that a score may look at, symbolic, one row each. */
export interface View {
  readonly shape: ImageShape;
  /** The row as the model sees it [batch, size]. */
  readonly values: Tensor;
  /** Oriented gradients of an image, and of the model's reconstruction [batch, length]; tables have none. */
  readonly edges?: Tensor;
  readonly reconstructedEdges?: Tensor;
  /** What the model misses of a table's row [batch, size]; images have too many values to measure it as a whole. */
  readonly residual?: Tensor;
  readonly perception: Perception;
}

/** Mean [length] and inverse Cholesky factor [length, length] of the covariance. */
export interface Gaussian {
  readonly center: Float32Array;
  readonly whitening: Float32Array;
}

/** What the training rows taught the scores. */
export interface Reference {
  /** Where rows have edges. */
  readonly edges?: Neighbourhood;
  readonly edgeGaussian?: Gaussian;
  /** Where rows are a table's: they themselves, in the coordinates of `metric`. */
  readonly values?: Neighbourhood;
  readonly residualGaussian?: Gaussian;
  readonly valueGaussian?: Gaussian;
  /** The coordinates in which rows are near or far: those of `valueGaussian`, or the features'. */
  readonly metric?: Gaussian;
  /** The directions in which normal rows are heavy-tailed. */
  readonly invariant?: Gaussian;
  /** Of several sizes: which one is right is not known. */
  readonly valueMixtures?: readonly Mixture[];
  readonly latent: Neighbourhood;
  readonly latentGaussian: Gaussian;
  readonly neighbours: NeighbourOptions;
}

export interface Term {
  readonly title: string;
  /** In nats with a long tail: it enters the whole by its quartiles, and far out by its logarithm. */
  readonly isHeavy?: true;
  /** Where in the row the score comes from: weights >= 0 [batch, size]; by default the squared error. */
  blame?(view: View, reference: Reference): Tensor | undefined;
  /** [batch], higher is more anomalous; undefined where the model lacks what it needs. */
  score(view: View, reference: Reference): Tensor | undefined;
}

const squaredError = (a: Tensor, b: Tensor): Tensor => reduceSum(square(subtract(a, b)), [1]);
/** Errors are skewed; their logarithms are close to normal, and sums of them are ratios. */
const logOf = (x: Tensor): Tensor => log(add(x, 1e-6));

/** Points [batch, length] in the coordinates in which the Gaussian is N(0, I). */
export function whiten(points: Tensor, { center, whitening }: Gaussian): Tensor {
  const length = center.length;
  return matmul(subtract(points, constant(center, [length])), constant(whitening, [length, length]));
}

/** log of the mean square of points [batch, length] in those coordinates: [batch]. */
const mahalanobis = (points: Tensor, gaussian: Gaussian): Tensor =>
  logOf(reduceMean(square(whiten(points, gaussian)), [1]));

/** r' S^-1 r = sum of r_i (S^-1 r)_i [batch, length]; a value that lowers the distance is not to blame. */
function blameGaussian(points: Tensor | undefined, gaussian: Gaussian | undefined): Tensor | undefined {
  if (points === undefined || gaussian === undefined) return undefined;
  const { whitening, center } = gaussian;
  const length = center.length;
  const back = matmul(whiten(points, gaussian), constant(whitening, [length, length]), { transposeB: true });
  return add(relu(multiply(subtract(points, constant(center, [length])), back)), 1e-9);
}

/** Where the model's picture of the row and the row differ [batch, size]; never quite zero. */
export const blameError = ({ values, perception }: View): Tensor =>
  add(square(subtract(values, perception.reconstruction)), 1e-12);

/** Differences in edge space, back on the pixels of their cells, and there on those that the model draws otherwise. */
function blameEdges(view: View, differences: Tensor): Tensor {
  const error = blameError(view);
  const perPixel = add(spreadOverPixels(differences, view.shape), 1e-9);
  const everyChannel = constant(new Float32Array(view.shape[2]).fill(1), [view.shape[2]]);
  const planes = multiply(reshape(perPixel, ['batch', lengthOf(perPixel, 1), 1]), everyChannel);
  const detail = add(error, multiply(reduceMean(error, [1], true), 0.1));
  return multiply(reshape(planes, view.values.shape), detail);
}

export const terms = {
  edgeDensity: {
    title: 'distance to the nearest normals in edge space',
    score: ({ edges }, reference) =>
      edges && reference.edges && neighbourScore(edges, reference.edges, reference.neighbours),
    blame: (view, { edges, neighbours }) =>
      view.edges && edges && blameEdges(view, neighbourDifferences(view.edges, edges, neighbours)),
  },
  edgeMahalanobis: {
    title: 'Mahalanobis distance in edge space',
    score: ({ edges }, { edgeGaussian }) => edges && edgeGaussian && mahalanobis(edges, edgeGaussian),
    blame: (view, { edgeGaussian }) => {
      const perEdge = blameGaussian(view.edges, edgeGaussian);
      return perEdge && blameEdges(view, perEdge);
    },
  },
  latentDensity: {
    title: 'distance to the nearest normals in latent space',
    score: ({ perception }, reference) =>
      neighbourScore(perception.latent, reference.latent, reference.neighbours),
  },
  edgeReconstruction: {
    title: 'reconstruction error in edge space',
    score: ({ edges, reconstructedEdges }) =>
      edges && reconstructedEdges && logOf(squaredError(edges, reconstructedEdges)),
    blame: (view) =>
      view.edges &&
      view.reconstructedEdges &&
      blameEdges(view, square(subtract(view.edges, view.reconstructedEdges))),
  },
  reconstruction: {
    title: 'reconstruction error',
    score: ({ values, perception }) => logOf(squaredError(values, perception.reconstruction)),
  },
  relativeReconstruction: {
    title: "reconstruction error relative to the image's energy",
    score: ({ values, perception }) =>
      logOf(
        divide(squaredError(values, perception.reconstruction), add(reduceSum(square(values), [1]), 1e-3)),
      ),
  },
  bound: {
    title: 'negative likelihood bound',
    score: ({ perception }) => perception.bound,
  },
  evidence: {
    title: "negative evidence bound at the posterior's mean",
    isHeavy: true,
    score: ({ perception: { negativeLogLikelihood, divergence } }) =>
      negativeLogLikelihood && divergence && add(reduceSum(negativeLogLikelihood, [1]), divergence),
  },
  divergence: {
    title: 'divergence of the posterior from the prior',
    score: ({ perception }) => perception.divergence,
  },
  featureReconstruction: {
    title: "reconstruction error in the adversary's features",
    score: ({ perception: { features, reconstructedFeatures } }) =>
      features && reconstructedFeatures && logOf(squaredError(features, reconstructedFeatures)),
  },
  latentReconstruction: {
    title: 'distance in latent space between the image and its reconstruction',
    score: ({ perception: { latent, returnedLatent } }) =>
      returnedLatent && logOf(squaredError(latent, returnedLatent)),
  },
  realness: {
    title: "the adversary's doubt that the image is real",
    score: ({ perception: { realness } }) => realness && softplus(negate(realness)),
  },
  mahalanobis: {
    title: 'Mahalanobis distance of the latent mean',
    score: ({ perception: { latent } }, { latentGaussian }) => mahalanobis(latent, latentGaussian),
  },
  residual: {
    title: 'Mahalanobis distance of what the reconstruction misses',
    score: ({ residual }, { residualGaussian }) =>
      residual && residualGaussian && mahalanobis(residual, residualGaussian),
    blame: ({ residual }, { residualGaussian }) => blameGaussian(residual, residualGaussian),
  },
  valueMixture: {
    title: 'negative likelihood of the row under mixtures of Gaussians',
    isHeavy: true,
    score({ values }, { valueMixtures }) {
      if (valueMixtures === undefined) return undefined;
      const each = valueMixtures.map((mixture) => mixtureSurprise(values, mixture));
      return multiply(
        each.reduce((a, b) => add(a, b)),
        1 / each.length,
      );
    },
    blame: (view, reference) => blameGaussian(view.values, reference.valueGaussian),
  },
  invariantDistance: {
    title: 'Mahalanobis distance along the directions in which normal rows have heavy tails',
    score: ({ values }, { invariant }) => invariant && mahalanobis(values, invariant),
    blame: (view, reference) => blameGaussian(view.values, reference.invariant),
  },
  valueMahalanobis: {
    title: 'Mahalanobis distance of the row',
    score: ({ values }, { valueGaussian }) => valueGaussian && mahalanobis(values, valueGaussian),
    blame: (view, reference) => blameGaussian(view.values, reference.valueGaussian),
  },
  valueDensity: {
    title: 'distance to the nearest normal rows',
    score: ({ values }, { metric, values: nearby, neighbours }) =>
      metric && nearby && neighbourScore(whiten(values, metric), nearby, neighbours),
    blame: (view, reference) => blameGaussian(view.values, reference.metric),
  },
} satisfies Record<string, Term>;
export type TermName = keyof typeof terms;
export const termNames = Object.keys(terms) as TermName[];
