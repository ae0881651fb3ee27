// Variational autoencoder. Kingma & Welling, "Auto-Encoding Variational Bayes" (2014); Rezende et al. (2014).
// beta: Higgins et al. (2017). Free bits: Kingma et al. (2016), appendix C.8. Learned variance: Rybkin et al.,
// "sigma-VAE" (2021). Denoising input: Im et al. (2017). Class-conditional: Sohn et al. (2015).
// Bound with K samples: Burda et al., "Importance weighted autoencoders" (2016), eq. 8.
import { z } from 'zod';
import {
  add,
  broadcastLike,
  concat,
  constant,
  divide,
  exp,
  logSumExp,
  matmul,
  maximum,
  multiply,
  reduceSum,
  reshape,
  square,
  subtract,
} from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';
import { dense, lecunNormal } from '../nn/layers.ts';
import { gaussianKl, sumPerRow } from '../nn/losses.ts';
import type { Scope } from '../nn/parameters.ts';
import { createRandom, fillNormal } from '../nn/random.ts';
import { type Domain, likelihoodNames, likelihoodOf, sizeOf } from './domain.ts';
import type { Batch, GenerativeModel, Losses, NoiseSpec, Perception } from './model.ts';
import { architectures, decoderTrunk, encoderTrunk } from './networks.ts';

export const vaeOptions = z.strictObject({
  architecture: z.enum(architectures).default('mlp'),
  latentDim: z.int().min(1).max(1024).default(16),
  /** Weight of the KL term. */
  beta: z.number().min(0).default(1),
  /** Share of the training over which beta rises from 0. */
  betaWarmup: z.number().min(0).max(1).default(0.1),
  /** Nats per latent dimension that cost nothing. */
  freeBits: z.number().min(0).default(0),
  /** The units of dense layers, from the row to the code; the decoder's are the same in reverse. */
  hidden: z.array(z.int().min(1).max(8192)).min(1).max(6).optional(),
  /** What a value given the code is drawn from; by default the domain's own: bernoulli for images. */
  likelihood: z.enum(likelihoodNames).optional(),
  /** Standard deviation of the noise added to the encoder's input while training. */
  denoise: z.number().min(0).max(1).default(0),
  /** Standard deviation of the noise added to training rows, as input and as target: a smoother density. */
  jitter: z.number().min(0).max(2).default(0),
  /** Number of classes to condition on; 0 for none. */
  classes: z.int().min(0).max(256).default(0),
  /** Samples in the likelihood bound of a score. */
  boundSamples: z.int().min(1).max(1000).default(8),
});
export type VaeOptions = z.infer<typeof vaeOptions>;

export interface Vae extends GenerativeModel {
  /** The negative evidence lower bound of a batch, and the reconstruction [batch, pixels] behind it. */
  bound(scope: Scope, batch: Batch): Losses & { readonly reconstruction: Tensor };
}

/** Builds the VAE of rows of one domain. */
export function createVae(domain: Domain, options: VaeOptions): Vae {
  const { latentDim, classes, hidden } = options;
  const pixels = sizeOf(domain);

  /**
   * Where each class lies in the decoder's own space: mean and log of the scale, learnt [batch, latentDim].
   * The encoder subtracts what the decoder adds, so the prior stays N(0, I) for every class, and moving a class
   * there costs no reconstruction. Without it a network this small learns to ignore the labels.
   */
  const place = (scope: Scope, labels: Tensor) => {
    const table = (name: string): Tensor => scope.parameter(name, [classes, latentDim], { kind: 'zeros' });
    return {
      center: matmul(labels, table('prior.center')),
      logScale: matmul(labels, table('prior.logScale')),
    };
  };
  const posterior = (scope: Scope, images: Tensor, labels?: Tensor) => {
    const features = encoderTrunk(scope, 'encoder', domain.see(images), labels, options.architecture, hidden);
    const mean = dense(scope, 'encoder.mean', features, latentDim, lecunNormal);
    const logVar = dense(scope, 'encoder.logVar', features, latentDim, lecunNormal);
    if (labels === undefined) return { mean, logVar };
    const { center, logScale } = place(scope, labels);
    return {
      mean: divide(subtract(mean, center), exp(logScale)),
      logVar: subtract(logVar, multiply(logScale, 2)),
    };
  };
  const logitsOf = (scope: Scope, latent: Tensor, labels?: Tensor): Tensor => {
    let z = latent;
    if (labels !== undefined) {
      const { center, logScale } = place(scope, labels);
      z = concat([add(multiply(latent, exp(logScale)), center), labels], 1);
    }
    return decoderTrunk(scope, 'decoder', z, domain, options.architecture, { hidden });
  };
  /** -log p(x | z) per value. */
  const surprise = likelihoodOf(domain, options.likelihood);
  const flatten = (images: Tensor): Tensor => reshape(images, [images.shape[0] ?? 1, pixels]);

  function bound(scope: Scope, { images: given, labels, noise, schedules, rowShare }: Batch) {
    const { corruption, jitter, latent: latentNoise } = noise;
    const images = jitter === undefined ? given : domain.perturb(given, multiply(jitter, options.jitter));
    const seen =
      corruption === undefined ? images : domain.perturb(images, multiply(corruption, options.denoise));
    const { mean, logVar } = posterior(scope, seen, labels);
    const sample = add(mean, multiply(exp(multiply(logVar, 0.5)), latentNoise ?? 0));
    const perRow = (x: Tensor): Tensor => multiply(reduceSum(x), rowShare);
    const logits = logitsOf(scope, sample, labels);
    const reconstruction = perRow(surprise(scope, logits, flatten(images)));
    const perDimension = multiply(reduceSum(gaussianKl(mean, logVar), [0]), rowShare);
    const divergence = reduceSum(perDimension);
    const charged = options.freeBits > 0 ? reduceSum(maximum(perDimension, options.freeBits)) : divergence;
    return {
      total: add(reconstruction, multiply(charged, schedules.beta ?? options.beta)),
      parts: { reconstruction, divergence },
      reconstruction: domain.activate(logits),
    };
  }

  function perceive(scope: Scope, images: Tensor, labels?: Tensor): Perception {
    const { mean, logVar } = posterior(scope, images, labels);
    const targets = flatten(images);
    const logits = logitsOf(scope, mean, labels);
    return {
      latent: mean,
      divergence: sumPerRow(gaussianKl(mean, logVar)),
      reconstruction: domain.activate(logits),
      negativeLogLikelihood: surprise(scope, logits, targets),
      bound: importanceBound(scope, targets, mean, logVar, labels),
    };
  }

  /**
   * -log of the mean importance weight of the pixels, over fixed draws: equal images get equal scores.
   * Burda et al. 2016, equation 8.
   */
  function importanceBound(
    scope: Scope,
    targets: Tensor,
    mean: Tensor,
    logVar: Tensor,
    labels?: Tensor,
  ): Tensor {
    const samples = options.boundSamples;
    const draws = fillNormal(new Float32Array(samples * latentDim), createRandom('importance bound'));
    const deviation = exp(multiply(logVar, 0.5));
    const logWeights = Array.from({ length: samples }, (_, k) => {
      const unit = constant(draws.slice(k * latentDim, (k + 1) * latentDim), [latentDim]);
      const latent = add(mean, multiply(deviation, unit));
      const logLikelihood = multiply(
        sumPerRow(surprise(scope, logitsOf(scope, latent, labels), targets)),
        -1,
      );
      // log p(z) - log q(z | x); the constants of the two normals cancel.
      const ratio = multiply(subtract(add(logVar, square(broadcastLike(unit, latent))), square(latent)), 0.5);
      return reshape(add(logLikelihood, sumPerRow(ratio)), [mean.shape[0] ?? 1, 1]);
    });
    return subtract(Math.log(samples), logSumExp(concat(logWeights, 1), 1));
  }

  const noise: Record<string, NoiseSpec> = { latent: { shape: [latentDim], distribution: 'normal' } };
  if (options.jitter > 0) noise.jitter = { shape: [...domain.shape], distribution: 'normal' };
  if (options.denoise > 0) noise.corruption = { shape: [...domain.shape], distribution: 'normal' };
  const betaAt = (progress: number): number =>
    options.betaWarmup > 0 ? options.beta * Math.min(1, progress / options.betaWarmup) : options.beta;
  return {
    domain,
    latentDim,
    classes,
    stages: [
      {
        name: 'vae',
        share: 1,
        noise,
        schedules: { beta: betaAt },
        phases: [{ name: 'vae', owns: () => true, losses: bound }],
      },
    ],
    bound,
    perceive,
    decode: (scope, latent, labels) =>
      reshape(domain.activate(logitsOf(scope, latent, labels)), [latent.shape[0] ?? 1, ...domain.shape]),
  };
}
