// What the two networks of a GAN are trained for: one table, shared by every adversarial model.
// standard: Goodfellow et al. (2014), section 3, the generator's loss non-saturating. r1: Mescheder et al., "Which
// training methods for GANs do actually converge?" (2018), eq. 9. hinge: Lim & Ye (2017), with spectral normalisation
// (Miyato et al. 2018, eq. 16-17). wgan-gp: Gulrajani et al. (2017), eq. 3. relativistic: Jolicoeur-Martineau (2019), with
// penalties at real and drawn images (Huang et al., "The GAN is dead; long live the GAN!" 2024, eq. 2 and 4).
import { gradients } from '../graph/gradients.ts';
import {
  add,
  multiply,
  negate,
  reduceSum,
  relu,
  reshape,
  softplus,
  sqrt,
  square,
  subtract,
} from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';
import { sumPerRow } from '../nn/losses.ts';
import type { NoiseSpec } from './model.ts';

export const objectiveNames = ['standard', 'r1', 'hinge', 'wgan-gp'] as const;
/** Those that compare each drawn image with a real one too; only for models whose fakes all come from one generator. */
export const pairedObjectiveNames = [...objectiveNames, 'relativistic'] as const;
export type ObjectiveName = (typeof pairedObjectiveNames)[number];

/** All losses are per row [batch]; logits are those of being real [batch]. */
export interface Objective {
  /** The adversary's weights are divided by their spectral norm. */
  readonly spectral: boolean;
  /** The adversary's loss. */
  adversary(real: Tensor, fake: Tensor): Tensor;
  /** Whether the generator's loss wants the logits of real images beside its own. */
  readonly paired?: true;
  /** The loss of whoever made the fakes. */
  generator(fake: Tensor, real?: Tensor): Tensor;
  /**
   * A penalty on the adversary's slope, before its weight: at real images, or between real and fake ones.
   * `judge` gives the logit of images; `mix` holds one uniform number per row.
   */
  readonly penalty?: (judge: (images: Tensor) => Tensor, real: Tensor, fake: Tensor, mix: Tensor) => Tensor;
}

const standard = {
  spectral: false,
  adversary: (real: Tensor, fake: Tensor) => add(softplus(negate(real)), softplus(fake)),
  generator: (fake: Tensor) => softplus(negate(fake)),
};

/** Squared length of each row's gradient of the logit [batch]. */
const slope = (judge: (images: Tensor) => Tensor, images: Tensor): Tensor => {
  const [gradient] = gradients(reduceSum(judge(images)), [images]);
  return sumPerRow(square(gradient as Tensor));
};

export const objectives: Readonly<Record<ObjectiveName, Objective>> = {
  standard,
  r1: { ...standard, penalty: (judge, real) => multiply(slope(judge, real), 0.5) },
  relativistic: {
    spectral: false,
    paired: true,
    adversary: (real, fake) => softplus(subtract(fake, real)),
    generator: (fake, real = fake) => softplus(subtract(real, fake)),
    penalty: (judge, real, fake) => multiply(add(slope(judge, real), slope(judge, fake)), 0.5),
  },
  hinge: {
    spectral: true,
    adversary: (real, fake) => add(relu(subtract(1, real)), relu(add(fake, 1))),
    generator: negate,
  },
  'wgan-gp': {
    spectral: false,
    adversary: (real, fake) => subtract(fake, real),
    generator: negate,
    penalty: (judge, real, fake, mix) => {
      const share = reshape(mix, [mix.shape[0] ?? 1, ...real.shape.slice(1).map(() => 1)]);
      const between = add(fake, multiply(subtract(real, fake), share));
      return square(subtract(sqrt(add(slope(judge, between), 1e-12)), 1));
    },
  },
};

/** Weight of an objective's penalty unless told otherwise, for images in [0, 1] of some 28 x 28 pixels. */
export const penaltyWeights: Readonly<Record<ObjectiveName, number>> = {
  standard: 0,
  r1: 1,
  relativistic: 1,
  hinge: 0,
  'wgan-gp': 10,
};

/** What an objective's penalty wants drawn for each row. */
export const mixNoise = (name: ObjectiveName): Record<string, NoiseSpec> =>
  name === 'wgan-gp' ? { mix: { shape: [1], distribution: 'uniform' } } : {};
