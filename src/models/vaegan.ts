// A variational autoencoder whose images an adversary judges: the VAE's structure, the GAN's sharpness.
// Larsen et al., "Autoencoding beyond pixels using a learned similarity metric" (2016), eq. 7-9. Unlike theirs, the
// likelihood of the pixels stays in the loss beside the adversary's features, so every score of a VAE is one here.
import { z } from 'zod';
import { add, multiply, reduceMean, reshape, square, subtract } from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Scope } from '../nn/parameters.ts';
import type { Domain } from './domain.ts';
import { adversaryLosses, duel, meanOf, objectiveOptions } from './gan.ts';
import type { Batch, GenerativeModel, Losses, Perception, Stage } from './model.ts';
import { adversary, type Judgement } from './networks.ts';
import { objectives } from './objectives.ts';
import { createVae, vaeOptions } from './vae.ts';

export const vaeganOptions = vaeOptions.extend({
  ...objectiveOptions,
  /** Weight of the adversary's verdict on drawn images, in nats of the bound. */
  adversarialWeight: z.number().min(0).default(10),
  /** Weight of the mean squared difference that the adversary's features see in a reconstruction. */
  featureWeight: z.number().min(0).default(10),
});
export type VaeganOptions = z.infer<typeof vaeganOptions>;

/** Builds the VAE-GAN of rows of one domain. */
export function createVaegan(domain: Domain, options: VaeganOptions): GenerativeModel {
  const { latentDim, architecture } = options;
  const vae = createVae(domain, options);
  const objective = objectives[options.objective];
  const asImages = (flat: Tensor): Tensor => reshape(flat, [flat.shape[0] ?? 1, ...domain.shape]);
  const judge = (scope: Scope, images: Tensor, labels?: Tensor): Judgement =>
    adversary(scope, 'adversary', images, labels, domain, { spectral: objective.spectral, architecture });
  const draw = (scope: Scope, { noise, labels }: Batch): Tensor =>
    vae.decode(scope, noise.prior as Tensor, labels);

  const judging = (scope: Scope, batch: Batch): Losses =>
    adversaryLosses(
      options,
      (images) => judge(scope, images, batch.labels).realness,
      batch.images,
      draw(scope, batch),
      batch,
    );

  function autoencoding(scope: Scope, batch: Batch): Losses {
    const { images, labels } = batch;
    const { total, parts, reconstruction } = vae.bound(scope, batch);
    const drawn = judge(scope, draw(scope, batch), labels);
    const generator = meanOf(objective.generator(drawn.realness), batch);
    const seen = judge(scope, images, labels).features;
    const redrawn = judge(scope, asImages(reconstruction), labels).features;
    const featureResidual = meanOf(reduceMean(square(subtract(seen, redrawn)), [1]), batch);
    const charged = add(
      multiply(generator, options.adversarialWeight),
      multiply(featureResidual, options.featureWeight),
    );
    return { total: add(total, charged), parts: { ...parts, generator, featureResidual } };
  }

  function perceive(scope: Scope, images: Tensor, labels?: Tensor): Perception {
    const seen = vae.perceive(scope, images, labels);
    const { features, realness } = judge(scope, images, labels);
    const redrawn = judge(scope, asImages(seen.reconstruction), labels).features;
    return { ...seen, features, reconstructedFeatures: redrawn, realness };
  }

  const [{ noise, schedules }] = vae.stages as [Stage];
  const stage = duel(
    'vaegan',
    options.objective,
    { ...noise, prior: { shape: [latentDim], distribution: 'normal' } },
    { name: 'adversary', owns: (parameter) => parameter.startsWith('adversary.'), losses: judging },
    { name: 'autoencoder', losses: autoencoding },
  );
  return { ...vae, stages: [{ ...stage, schedules }], perceive };
}
