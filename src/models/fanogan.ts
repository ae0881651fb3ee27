// f-AnoGAN: a GAN, then an encoder trained to find the latent vector of an image at once, its networks held still.
// Schlegl et al., "f-AnoGAN: fast unsupervised anomaly detection with GANs" (2019), eq. 4 (izi_f) and 5.
import { z } from 'zod';
import { add, multiply, reduceMean, reshape, square, subtract } from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Scope } from '../nn/parameters.ts';
import { type Domain, sizeOf } from './domain.ts';
import { createGan, ganOptions, meanOf } from './gan.ts';
import type { GenerativeModel, Perception, Phase } from './model.ts';
import { encoder } from './networks.ts';

export const fanoganOptions = z.strictObject({
  ...ganOptions,
  objective: ganOptions.objective.default('standard'),
  /** Weight of the feature residual in the encoder's loss. */
  kappa: z.number().min(0).default(1),
  /** Learning rate of the encoder in units of the run's: it has no opponent to be careful of. */
  encoderRate: z.number().positive().default(4),
  /** Share of the run that trains the encoder. */
  encoderShare: z.number().gt(0).lt(1).default(0.4),
});
export type FanoganOptions = z.infer<typeof fanoganOptions>;

/** Builds the f-AnoGAN of rows of one domain. */
export function createFanogan(domain: Domain, options: FanoganOptions): GenerativeModel {
  const { latentDim, kappa, encoderShare } = options;
  const pixels = sizeOf(domain);
  const gan = createGan(domain, { ...options, classes: 0 });
  const flatten = (images: Tensor): Tensor => reshape(images, [images.shape[0] ?? 1, pixels]);

  function perceive(scope: Scope, images: Tensor): Perception {
    const code = encoder(scope, 'encoder', domain.see(images), latentDim);
    const drawn = gan.generate(scope, code);
    const { features, realness } = gan.judge(scope, images);
    return {
      latent: code,
      reconstruction: flatten(drawn),
      features,
      reconstructedFeatures: gan.judge(scope, drawn).features,
      realness,
    };
  }

  const encoding: Phase = {
    name: 'encoder',
    rate: options.encoderRate,
    owns: (parameter) => parameter.startsWith('encoder.'),
    losses(scope, batch) {
      const seen = perceive(scope, batch.images);
      const residual = meanOf(
        reduceMean(square(subtract(flatten(batch.images), seen.reconstruction)), [1]),
        batch,
      );
      const discrepancy = meanOf(
        reduceMean(square(subtract(seen.features as Tensor, seen.reconstructedFeatures as Tensor)), [1]),
        batch,
      );
      return {
        total: add(residual, multiply(discrepancy, kappa)),
        parts: { residual, featureResidual: discrepancy },
      };
    },
  };
  return {
    domain,
    latentDim,
    classes: 0,
    stages: [
      gan.stage(1 - encoderShare),
      { name: 'encoder', share: encoderShare, noise: {}, schedules: {}, phases: [encoding] },
    ],
    perceive,
    decode: (scope, latent) => gan.generate(scope, latent),
  };
}
