// A generator and its adversary, and the stage that trains them: what DCGAN and f-AnoGAN have in common.
import { z } from 'zod';
import { add, concat, multiply, reduceSum } from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Scope } from '../nn/parameters.ts';
import type { Domain } from './domain.ts';
import type { Batch, Losses, Phase, Stage } from './model.ts';
import { adversary, generator, type Judgement } from './networks.ts';
import {
  mixNoise,
  type ObjectiveName,
  objectiveNames,
  objectives,
  pairedObjectiveNames,
  penaltyWeights,
} from './objectives.ts';

/** Options that every adversarial model has. */
export const objectiveOptions = {
  /** What the networks are trained for. */
  objective: z.enum(objectiveNames).default('r1'),
  /** Weight of the objective's gradient penalty; by default the objective's own. */
  penalty: z.number().min(0).optional(),
};

/** Options of a GAN of two convolutional networks. */
export const ganOptions = {
  ...objectiveOptions,
  objective: z.enum(pairedObjectiveNames).default('r1'),
  /** Channels of the convolution next to the image; the one behind it has twice as many. */
  channels: z.int().min(1).max(1024).default(32),
  latentDim: z.int().min(1).max(1024).default(64),
};

export interface GanOptions {
  readonly channels: number;
  readonly latentDim: number;
  readonly classes: number;
  readonly objective: ObjectiveName;
  readonly penalty?: number | undefined;
}

export interface Gan {
  /** Latent vectors [batch, latentDim] -> images [batch, height, width, channels] in [0, 1]. */
  generate(scope: Scope, latent: Tensor, labels?: Tensor): Tensor;
  /** Images in [0, 1] -> the adversary's features and logit. */
  judge(scope: Scope, images: Tensor, labels?: Tensor): Judgement;
  /** Trains both for a share of the run. */
  stage(share: number): Stage;
}

/** The mean of a loss per row [batch]. */
export const meanOf = (perRow: Tensor, { rowShare }: Batch): Tensor => multiply(reduceSum(perRow), rowShare);

/**
 * The adversary's loss, with the objective's penalty where it has one. `judge` gives the logit of images, or of
 * vectors. An adversary of pairs judges fakes by `judgeFake`, beside something else: its penalty is on the slope in
 * the images only, beside what real ones have (so `judge` must hold that still: `detach` it).
 */
export function adversaryLosses(
  { objective, penalty }: Pick<GanOptions, 'objective' | 'penalty'>,
  judge: (images: Tensor) => Tensor,
  real: Tensor,
  fake: Tensor,
  batch: Batch,
  judgeFake: (images: Tensor) => Tensor = judge,
): Losses {
  const { adversary: lossOf, penalty: penaltyOf } = objectives[objective];
  const loss = meanOf(lossOf(judge(real), judgeFake(fake)), batch);
  const weight = penalty ?? penaltyWeights[objective];
  if (penaltyOf === undefined || weight === 0) return { total: loss, parts: { adversary: loss } };
  const slope = meanOf(penaltyOf(judge, real, fake, batch.noise.mix ?? loss), batch);
  return { total: add(loss, multiply(slope, weight)), parts: { adversary: loss, penalty: slope } };
}

/** A whole run in which an adversary and those it judges take turns; they own whatever it does not. */
export function duel(
  name: string,
  objective: ObjectiveName,
  noise: Stage['noise'],
  judging: Phase,
  judged: Omit<Phase, 'owns'>,
): Stage {
  return {
    name,
    share: 1,
    noise: { ...noise, ...mixNoise(objective) },
    schedules: {},
    phases: [judging, { ...judged, owns: (parameter) => !judging.owns(parameter) }],
  };
}

/** Builds the two networks for rows of one domain. */
export function createGan(domain: Domain, options: GanOptions): Gan {
  const objective = objectives[options.objective];
  const generate = (scope: Scope, latent: Tensor, labels?: Tensor): Tensor => {
    const code = labels === undefined ? latent : concat([latent, labels], 1);
    return generator(scope, 'generator', code, domain, options.channels);
  };
  const judge = (scope: Scope, images: Tensor, labels?: Tensor): Judgement =>
    adversary(scope, 'adversary', images, labels, domain, {
      spectral: objective.spectral,
      channels: options.channels,
    });
  const draw = (scope: Scope, { noise, labels }: Batch): Tensor =>
    generate(scope, noise.latent as Tensor, labels);

  const phases: Phase[] = [
    {
      name: 'adversary',
      owns: (parameter) => parameter.startsWith('adversary.'),
      losses: (scope, batch) =>
        adversaryLosses(
          options,
          (images) => judge(scope, images, batch.labels).realness,
          batch.images,
          draw(scope, batch),
          batch,
        ),
    },
    {
      name: 'generator',
      owns: (parameter) => parameter.startsWith('generator.'),
      losses(scope, batch) {
        const { realness } = judge(scope, draw(scope, batch), batch.labels);
        const real = objective.paired && judge(scope, batch.images, batch.labels).realness;
        const loss = meanOf(objective.generator(realness, real), batch);
        return { total: loss, parts: { generator: loss } };
      },
    },
  ];
  return {
    generate,
    judge,
    stage: (share) => ({
      name: 'gan',
      share,
      noise: {
        latent: { shape: [options.latentDim], distribution: 'normal' },
        ...mixNoise(options.objective),
      },
      schedules: {},
      phases,
    }),
  };
}
