// ALAD: a BiGAN whose cycles are judged too, those of images and those of latent vectors.
// Zenati et al., "Adversarially learned anomaly detection" (2018), eq. 5 (V_ALICE with the latent cycle) and
// section III-D: the score is the distance of x and G(E(x)) in the features of the adversary of image pairs. The
// encoder's cycle comes from Li et al., "ALICE" (2017), eq. 8. Weights of the three adversaries are divided by their
// spectral norm (section III-C).
import { z } from 'zod';
import { add, concat, detach, negate, reshape } from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Scope } from '../nn/parameters.ts';
import { type Domain, sizeOf } from './domain.ts';
import { adversaryLosses, duel, meanOf, objectiveOptions } from './gan.ts';
import type { Batch, GenerativeModel, Losses, Perception, Phase, Stage } from './model.ts';
import { adversary, encoder, generator, type Judgement, pairAdversary, vectorAdversary } from './networks.ts';
import { objectives } from './objectives.ts';

export const aladOptions = z.strictObject({
  ...objectiveOptions,
  objective: objectiveOptions.objective.default('standard'),
  latentDim: z.int().min(1).max(1024).default(64),
  /** Divide the adversaries' weights by their spectral norm; 'hinge' does so in any case. */
  spectralNorm: z.boolean().default(true),
});
export type AladOptions = z.infer<typeof aladOptions>;

/** Builds the ALAD of rows of one domain. */
export function createAlad(domain: Domain, options: AladOptions): GenerativeModel {
  const { latentDim } = options;
  const pixels = sizeOf(domain);
  const objective = objectives[options.objective];
  const norm = { spectral: options.spectralNorm || objective.spectral };
  const encode = (scope: Scope, images: Tensor): Tensor =>
    encoder(scope, 'encoder', domain.see(images), latentDim);
  const generate = (scope: Scope, latent: Tensor): Tensor => generator(scope, 'generator', latent, domain);
  /** D_xz, D_xx and D_zz; the last two look at what may be a copy, beside the original. */
  const judgePair = (scope: Scope, images: Tensor, latent: Tensor): Judgement =>
    pairAdversary(scope, 'adversary.pair', images, latent, domain, norm);
  const judgeImages = (scope: Scope, images: Tensor, copies: Tensor): Judgement =>
    adversary(
      scope,
      'adversary.image',
      concat([domain.centre(images), domain.centre(copies)], 3),
      undefined,
      { ...domain, centre: (pairs) => pairs },
      norm,
    );
  const judgeLatents = (scope: Scope, latent: Tensor, copies: Tensor): Judgement =>
    vectorAdversary(scope, 'adversary.latent', concat([latent, copies], 1), norm);

  /** Both ways around: from images and back, from draws and back. */
  const cycles = (scope: Scope, { images, noise }: Batch) => {
    const [found, latent] = [encode(scope, images), noise.latent as Tensor];
    const drawn = generate(scope, latent);
    return { found, redrawn: generate(scope, found), latent, drawn, returned: encode(scope, drawn) };
  };

  const judging: Phase = {
    name: 'adversary',
    owns: (parameter) => parameter.startsWith('adversary.'),
    losses(scope, batch) {
      const { images } = batch;
      const { found, redrawn, latent, drawn, returned } = cycles(scope, batch);
      const beside = { found: detach(found), images: detach(images), latent: detach(latent) };
      const pairs = adversaryLosses(
        options,
        (seen) => judgePair(scope, seen, beside.found).realness,
        images,
        drawn,
        batch,
        (seen) => judgePair(scope, seen, latent).realness,
      ).total;
      const copies = adversaryLosses(
        options,
        (seen) => judgeImages(scope, beside.images, seen).realness,
        images,
        redrawn,
        batch,
      ).total;
      const latents = adversaryLosses(
        options,
        (seen) => judgeLatents(scope, beside.latent, seen).realness,
        latent,
        returned,
        batch,
      ).total;
      // No weight is in two of these, so their sum trains each adversary as if alone.
      return {
        total: add(add(pairs, copies), latents),
        parts: { adversary: pairs, imageAdversary: copies, latentAdversary: latents },
      };
    },
  };

  /** What the encoder and the generator want: that each adversary takes real for fake and fake for real. */
  function deceiving(scope: Scope, batch: Batch): Losses {
    const { found, redrawn, latent, drawn, returned } = cycles(scope, batch);
    const loss = ({ realness }: Judgement): Tensor => meanOf(objective.generator(realness), batch);
    const ofReal = judgePair(scope, batch.images, found);
    const parts = {
      generator: loss(judgePair(scope, drawn, latent)),
      encoder: loss({ ...ofReal, realness: negate(ofReal.realness) }),
      // What is real to these two does not depend on us.
      imageCycle: loss(judgeImages(scope, batch.images, redrawn)),
      latentCycle: loss(judgeLatents(scope, latent, returned)),
    };
    return { total: Object.values(parts).reduce((sum, part) => add(sum, part)), parts };
  }

  function perceive(scope: Scope, images: Tensor): Perception {
    const latent = encode(scope, images);
    const redrawn = generate(scope, latent);
    // The paper's other scores use the verdict on (x, G(E(x))) too.
    const { features, realness } = judgeImages(scope, images, redrawn);
    return {
      latent,
      reconstruction: reshape(redrawn, [images.shape[0] ?? 1, pixels]),
      features: judgeImages(scope, images, images).features,
      reconstructedFeatures: features,
      realness,
    };
  }

  const noise: Stage['noise'] = { latent: { shape: [latentDim], distribution: 'normal' } };
  return {
    domain,
    latentDim,
    classes: 0,
    stages: [duel('alad', options.objective, noise, judging, { name: 'deceivers', losses: deceiving })],
    perceive,
    decode: generate,
  };
}
