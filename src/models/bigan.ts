// BiGAN: a generator and an encoder that an adversary of pairs drives to be each other's inverse.
// Donahue et al., "Adversarial feature learning" (2017), eq. 2-3 (equally Dumoulin et al., "Adversarially learned
// inference", 2017); as a detector Zenati et al., "Efficient GAN-based anomaly detection" (2018), section 3.
// Added to the papers: by `cycle`, that G(E(x)) comes back to x, as it must where the game is at rest (Donahue et al.,
// theorem 2). Without it a short training draws an image of the right kind but another one: Li et al., "ALICE" (2017),
// section 3.2. `cycle: 0` is the papers' model.
import { z } from 'zod';
import { add, detach, multiply, negate, reshape, square, subtract } from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';
import { sumPerRow } from '../nn/losses.ts';
import type { Scope } from '../nn/parameters.ts';
import { type Domain, sizeOf } from './domain.ts';
import { adversaryLosses, duel, meanOf, objectiveOptions } from './gan.ts';
import type { Batch, GenerativeModel, Losses, Perception, Phase, Stage } from './model.ts';
import { encoder, generator, type Judgement, pairAdversary } from './networks.ts';
import { objectives } from './objectives.ts';

export const biganOptions = z.strictObject({
  ...objectiveOptions,
  latentDim: z.int().min(1).max(1024).default(64),
  /** Weight of the mean squared difference of an image and its reconstruction; 0 for none. */
  cycle: z.number().min(0).default(20),
});
export type BiganOptions = z.infer<typeof biganOptions>;

/** Builds the BiGAN of rows of one domain. */
export function createBigan(domain: Domain, options: BiganOptions): GenerativeModel {
  const { latentDim, cycle } = options;
  const pixels = sizeOf(domain);
  const objective = objectives[options.objective];
  const encode = (scope: Scope, images: Tensor): Tensor =>
    encoder(scope, 'encoder', domain.see(images), latentDim);
  const generate = (scope: Scope, latent: Tensor): Tensor => generator(scope, 'generator', latent, domain);
  const judge = (scope: Scope, images: Tensor, latent: Tensor): Judgement =>
    pairAdversary(scope, 'adversary', images, latent, domain, { spectral: objective.spectral });

  const judging: Phase = {
    name: 'adversary',
    owns: (parameter) => parameter.startsWith('adversary.'),
    losses(scope, batch) {
      const drawn = batch.noise.latent as Tensor;
      const found = detach(encode(scope, batch.images));
      return adversaryLosses(
        options,
        (images) => judge(scope, images, found).realness,
        batch.images,
        generate(scope, drawn),
        batch,
        (images) => judge(scope, images, drawn).realness,
      );
    },
  };

  /** What the encoder and the generator want: that the adversary takes each for the other. */
  function deceiving(scope: Scope, batch: Batch): Losses {
    const { images, noise } = batch;
    const [found, latent] = [encode(scope, images), noise.latent as Tensor];
    const loss = (realness: Tensor): Tensor => meanOf(objective.generator(realness), batch);
    const ofGenerator = loss(judge(scope, generate(scope, latent), latent).realness);
    const ofEncoder = loss(negate(judge(scope, images, found).realness));
    const total = add(ofGenerator, ofEncoder);
    const parts = { generator: ofGenerator, encoder: ofEncoder };
    if (cycle === 0) return { total, parts };
    const astray = sumPerRow(square(subtract(images, generate(scope, found))));
    const residual = multiply(meanOf(astray, batch), 1 / pixels);
    return { total: add(total, multiply(residual, cycle)), parts: { ...parts, residual } };
  }

  function perceive(scope: Scope, images: Tensor): Perception {
    const latent = encode(scope, images);
    const drawn = generate(scope, latent);
    const { features, realness } = judge(scope, images, latent);
    return {
      latent,
      reconstruction: reshape(drawn, [images.shape[0] ?? 1, pixels]),
      features,
      reconstructedFeatures: judge(scope, drawn, latent).features,
      realness,
    };
  }

  const noise: Stage['noise'] = { latent: { shape: [latentDim], distribution: 'normal' } };
  return {
    domain,
    latentDim,
    classes: 0,
    stages: [duel('bigan', options.objective, noise, judging, { name: 'deceivers', losses: deceiving })],
    perceive,
    decode: generate,
  };
}
