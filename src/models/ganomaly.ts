// GANomaly: encoder, decoder and a second encoder; what is abnormal comes back to another place in latent space.
// Akcay et al., "GANomaly: semi-supervised anomaly detection via adversarial training" (2018), eq. 1-5.
// Added to the paper: it has no prior, so nothing could be drawn from it. Here a second, small adversary tells E(x)
// from draws of N(0, I), and the encoder is trained against it too: Makhzani et al., "Adversarial autoencoders"
// (2016), section 2. `priorWeight: 0` is the paper's model, which has 100 latent dimensions: images of one class fill
// few, and draws from the rest would be of nothing. The adversaries' losses are this library's objectives.
import { z } from 'zod';
import { absolute, add, multiply, reduceMean, reshape, square, subtract } from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';
import { sumPerRow } from '../nn/losses.ts';
import type { Scope } from '../nn/parameters.ts';
import { type Domain, sizeOf } from './domain.ts';
import { adversaryLosses, duel, meanOf, objectiveOptions } from './gan.ts';
import type { Batch, GenerativeModel, Losses, Perception, Phase, Stage } from './model.ts';
import { adversary, encoder, generator, type Judgement, vectorAdversary } from './networks.ts';
import { objectives } from './objectives.ts';

export const ganomalyOptions = z.strictObject({
  ...objectiveOptions,
  latentDim: z.int().min(1).max(1024).default(16),
  /** What deceives the adversary of images: equal features of image and reconstruction (the paper's), or its verdict. */
  deception: z.enum(['features', 'verdict']).default('features'),
  /** Weights of the losses: of deception, of the mean absolute error of pixels, of the mean squared one of latents. */
  adversarialWeight: z.number().min(0).default(1),
  contextualWeight: z.number().min(0).default(50),
  latentWeight: z.number().min(0).default(1),
  /** Weight of the loss that makes the encoder's latent vectors look drawn from N(0, I); 0 for none. */
  priorWeight: z.number().min(0).default(0.5),
});
export type GanomalyOptions = z.infer<typeof ganomalyOptions>;

/** Builds the GANomaly of rows of one domain. */
export function createGanomaly(domain: Domain, options: GanomalyOptions): GenerativeModel {
  const { latentDim, priorWeight } = options;
  const pixels = sizeOf(domain);
  const objective = objectives[options.objective];
  const flatten = (images: Tensor): Tensor => reshape(images, [images.shape[0] ?? 1, pixels]);
  const encode = (scope: Scope, images: Tensor): Tensor =>
    encoder(scope, 'encoder', domain.see(images), latentDim);
  const encodeAgain = (scope: Scope, images: Tensor): Tensor =>
    encoder(scope, 'again', domain.see(images), latentDim);
  const generate = (scope: Scope, latent: Tensor): Tensor => generator(scope, 'generator', latent, domain);
  const judge = (scope: Scope, images: Tensor): Judgement =>
    adversary(scope, 'adversary.image', images, undefined, domain, { spectral: objective.spectral });
  const judgeLatent = (scope: Scope, latent: Tensor): Judgement =>
    vectorAdversary(scope, 'adversary.latent', latent, { spectral: objective.spectral });

  const judging: Phase = {
    name: 'adversary',
    owns: (parameter) => parameter.startsWith('adversary.'),
    losses(scope, batch) {
      const latent = encode(scope, batch.images);
      const ofImages = adversaryLosses(
        options,
        (images) => judge(scope, images).realness,
        batch.images,
        generate(scope, latent),
        batch,
      );
      if (priorWeight === 0) return ofImages;
      const ofLatents = adversaryLosses(
        options,
        (vectors) => judgeLatent(scope, vectors).realness,
        batch.noise.prior as Tensor,
        latent,
        batch,
      );
      return {
        total: add(ofImages.total, ofLatents.total),
        parts: { ...ofImages.parts, latentAdversary: ofLatents.total },
      };
    },
  };

  function autoencoding(scope: Scope, batch: Batch): Losses {
    const { images } = batch;
    const latent = encode(scope, images);
    const redrawn = generate(scope, latent);
    const squaredError = (a: Tensor, b: Tensor): Tensor =>
      meanOf(reduceMean(square(subtract(a, b)), [1]), batch);
    const seen = judge(scope, redrawn);
    const deception =
      options.deception === 'features'
        ? squaredError(judge(scope, images).features, seen.features)
        : meanOf(objective.generator(seen.realness), batch);
    const contextual = multiply(meanOf(sumPerRow(absolute(subtract(images, redrawn))), batch), 1 / pixels);
    const astray = squaredError(latent, encodeAgain(scope, redrawn));
    const total = add(
      multiply(deception, options.adversarialWeight),
      add(multiply(contextual, options.contextualWeight), multiply(astray, options.latentWeight)),
    );
    const parts = { deception, contextual, latent: astray };
    if (priorWeight === 0) return { total, parts };
    const prior = meanOf(objective.generator(judgeLatent(scope, latent).realness), batch);
    return { total: add(total, multiply(prior, priorWeight)), parts: { ...parts, prior } };
  }

  function perceive(scope: Scope, images: Tensor): Perception {
    const latent = encode(scope, images);
    const redrawn = generate(scope, latent);
    const { features, realness } = judge(scope, images);
    return {
      latent,
      reconstruction: flatten(redrawn),
      features,
      reconstructedFeatures: judge(scope, redrawn).features,
      returnedLatent: encodeAgain(scope, redrawn),
      realness,
    };
  }

  const noise: Stage['noise'] =
    priorWeight === 0 ? {} : { prior: { shape: [latentDim], distribution: 'normal' } };
  return {
    domain,
    latentDim,
    classes: 0,
    stages: [
      duel('ganomaly', options.objective, noise, judging, { name: 'autoencoder', losses: autoencoding }),
    ],
    perceive,
    decode: generate,
  };
}
