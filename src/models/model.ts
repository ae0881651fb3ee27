// What a generative model is to the rest of the library: pure functions from a scope of weights to tensors.
// A new model is one file that builds this record, and its row in models/index.ts.
import type { Tensor } from '../graph/tensor.ts';
import type { Scope } from '../nn/parameters.ts';
import type { Domain } from './domain.ts';

/** Random numbers that a training phase wants for each row, drawn outside the graph. */
export interface NoiseSpec {
  /** Shape of one row's draw. */
  readonly shape: readonly number[];
  readonly distribution: 'normal' | 'uniform';
}

/** The symbolic inputs of one training step. */
export interface Batch {
  /** [batch, height, width, channels] in [0, 1]. */
  readonly images: Tensor;
  /** One-hot classes [batch, classes], for conditional models. */
  readonly labels?: Tensor;
  readonly noise: Readonly<Record<string, Tensor>>;
  readonly schedules: Readonly<Record<string, Tensor>>;
  /** 1 / rows of this batch, a scalar: the last batch of an epoch may be short. */
  readonly rowShare: Tensor;
}

/** Scalars: what is minimised, and the parts that people watch, each a mean per row. */
export interface Losses {
  readonly total: Tensor;
  readonly parts: Readonly<Record<string, Tensor>>;
}

/** One optimiser's share of a training step: a VAE has one, a GAN one for each network. */
export interface Phase {
  readonly name: string;
  /** Learning rate of this optimiser in units of the run's; 1 where not given. */
  readonly rate?: number;
  /** Whether this phase updates the parameter of that name. */
  owns(parameter: string): boolean;
  losses(scope: Scope, batch: Batch): Losses;
}

/** A part of a training run. Its phases take turns within every step: each sees the weights that the one before left. */
export interface Stage {
  readonly name: string;
  /** Share of the run's epochs; the shares of all stages sum to 1. */
  readonly share: number;
  readonly noise: Readonly<Record<string, NoiseSpec>>;
  /** Scalars that change while training, as functions of the stage's progress in [0, 1]. */
  readonly schedules: Readonly<Record<string, (progress: number) => number>>;
  readonly phases: readonly Phase[];
}

/** What training needs to know: what a row is, and the losses. */
export interface Trainable {
  readonly domain: Domain;
  /** Number of classes that training is told of, else 0. */
  readonly classes: number;
  /** One after the other; each starts from the averaged weights of the one before, where averaging is on. */
  readonly stages: readonly Stage[];
}

/** What one image looks like to a model; every tensor has one row per image. */
export interface Perception {
  /** Where the model puts the image in its latent space [batch, latentDim]. */
  readonly latent: Tensor;
  /** KL of the posterior from the prior [batch], where there is a posterior. */
  readonly divergence?: Tensor;
  /** The model's picture of the image [batch, pixels] in [0, 1]. */
  readonly reconstruction: Tensor;
  /** -log p(x | z) elementwise [batch, pixels], where the model has a likelihood. */
  readonly negativeLogLikelihood?: Tensor;
  /** A negative lower bound on log p(x) [batch], where the model has one. */
  readonly bound?: Tensor;
  /** What the adversary sees in the image and in the reconstruction [batch, features], where there is one. */
  readonly features?: Tensor;
  readonly reconstructedFeatures?: Tensor;
  /** Where the model puts its own reconstruction in latent space [batch, latentDim]. */
  readonly returnedLatent?: Tensor;
  /** The class that a conditional model takes the row for [batch], as a number. */
  readonly closestClass?: Tensor;
  /** The adversary's logit that the image is real [batch]. */
  readonly realness?: Tensor;
}

/** A generative model of images. All functions are pure; weights come from the scope. */
export interface GenerativeModel extends Trainable {
  readonly latentDim: number;
  /** Set where `perceive`, without labels, finds a conditional model's class by itself. */
  readonly infersClass?: true;
  /** How the model sees images [batch, height, width, channels]; `labels` for conditional models. */
  perceive(scope: Scope, images: Tensor, labels?: Tensor): Perception;
  /** Images [batch, height, width, channels] in [0, 1] from latent vectors [batch, latentDim]. */
  decode(scope: Scope, latent: Tensor, labels?: Tensor): Tensor;
}
