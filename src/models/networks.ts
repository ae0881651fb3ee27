// Networks that models share: from images to features, and from latent vectors to images.
import {
  add,
  concat,
  leakyRelu,
  lengthOf,
  matmul,
  multiply,
  pad,
  reduceSum,
  relu,
  reshape,
} from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';
import { convolution, convolutionTransposed } from '../nn/convolution.ts';
import { dense, lecunNormal, spectralNorm, type WeightTransform } from '../nn/layers.ts';
import type { Scope } from '../nn/parameters.ts';
import type { Domain } from './domain.ts';

export const architectures = ['conv', 'mlp'] as const;
export type Architecture = (typeof architectures)[number];

const convolutionShape = { kernel: 4, stride: 2, padding: 1 } as const;
const widths = { mlp: [512, 256], flat: [128, 64], pair: 128, vector: [128, 64] } as const;
/** Channels of the convolution next to the image; the one behind it has twice as many. */
const defaultChannels = 32;

const flatten = (x: Tensor): Tensor => {
  const [, ...lengths] = x.shape as [string, ...number[]];
  return reshape(x, [x.shape[0] ?? 1, lengths.reduce((product, length) => product * length, 1)]);
};
/** Whether a row is a single pixel, as a table's is: there is nothing to convolve. */
const isFlat = ([height, width]: readonly unknown[]): boolean => height === 1 && width === 1;
/** The units of dense layers for such rows. */
const unitsFor = (shape: readonly unknown[], hidden?: readonly number[]): readonly number[] =>
  hidden ?? (isFlat(shape) ? widths.flat : widths.mlp);
const withLabels = (x: Tensor, labels: Tensor | undefined): Tensor =>
  labels === undefined ? x : concat([x, labels], 1);

/** Strided convolutions: images [batch, h, w, c] -> features [batch, units]. */
function convolutions(
  scope: Scope,
  name: string,
  x: Tensor,
  activation: (x: Tensor) => Tensor,
  channels: number,
  transform?: WeightTransform,
): Tensor {
  const [height, width] = [lengthOf(x, 1), lengthOf(x, 2)];
  const whole = pad(x, [0, 0, 0, 0], [0, (4 - (height % 4)) % 4, (4 - (width % 4)) % 4, 0]);
  const options = { ...convolutionShape, ...(transform === undefined ? {} : { transform }) };
  return flatten(
    [channels, 2 * channels].reduce(
      (y, count, i) => activation(convolution(scope, `${name}.${i}`, y, { ...options, channels: count })),
      whole,
    ),
  );
}

/** Images [batch, h, w, c] (with classes) -> features [batch, units]; `hidden` are the units of dense layers. */
export function encoderTrunk(
  scope: Scope,
  name: string,
  x: Tensor,
  labels: Tensor | undefined,
  architecture: Architecture,
  hidden?: readonly number[],
): Tensor {
  const shape = x.shape.slice(1);
  if (architecture === 'conv' && !isFlat(shape)) {
    return withLabels(convolutions(scope, name, x, relu, defaultChannels), labels);
  }
  return unitsFor(shape, hidden).reduce(
    (h, units, i) => relu(dense(scope, `${name}.${i}`, h, units)),
    withLabels(flatten(x), labels),
  );
}

/** Latent vectors (with classes) -> raw outputs [batch, outputs]: the row's values, in order, and what the domain adds. */
export function decoderTrunk(
  scope: Scope,
  name: string,
  z: Tensor,
  domain: Domain,
  architecture: Architecture,
  { base = defaultChannels, hidden }: { base?: number; hidden?: readonly number[] | undefined } = {},
): Tensor {
  const { shape } = domain;
  const [height, width, channels] = shape;
  const batch = z.shape[0] ?? 1;
  if (architecture === 'mlp' || isFlat(shape)) {
    const h = unitsFor(shape, hidden)
      .toReversed()
      .reduce((y, units, i) => relu(dense(scope, `${name}.${i}`, y, units)), z);
    return dense(scope, `${name}.logits`, h, domain.outputs, lecunNormal);
  }
  const [first, second] = [base, 2 * base];
  const [rows, columns] = [Math.ceil(height / 4), Math.ceil(width / 4)];
  const seed = relu(dense(scope, `${name}.0`, z, rows * columns * second));
  const maps = reshape(seed, [batch, rows, columns, second]);
  const h = relu(convolutionTransposed(scope, `${name}.1`, maps, { ...convolutionShape, channels: first }));
  const logits = convolutionTransposed(scope, `${name}.logits`, h, { ...convolutionShape, channels });
  return flatten(pad(logits, [0, 0, 0, 0], [0, height - 4 * rows, width - 4 * columns, 0]));
}

/** DCGAN's generator: latent vectors (with classes) -> images [batch, h, w, c] in [0, 1], or rows of a table. */
export function generator(
  scope: Scope,
  name: string,
  z: Tensor,
  domain: Domain,
  channels = defaultChannels,
): Tensor {
  const logits = decoderTrunk(scope, name, z, domain, 'conv', { base: channels });
  const batch = z.shape[0] ?? 1;
  // (tanh(x) + 1) / 2 is a sigmoid of 2 x: the generator's [-1, 1] on the scale of the images.
  const scale = domain.kind === 'images' ? 2 : 1;
  return reshape(domain.activate(multiply(logits, scale)), [batch, ...domain.shape]);
}

/** Its counterpart without a law around the answer: images [batch, h, w, c] -> latent vectors [batch, latentDim]. */
export const encoder = (scope: Scope, name: string, images: Tensor, latentDim: number): Tensor =>
  dense(
    scope,
    `${name}.latent`,
    encoderTrunk(scope, name, images, undefined, 'conv'),
    latentDim,
    lecunNormal,
  );

/** An adversary's view of images: its features [batch, units] and the logit [batch] that they are real. */
export interface Judgement {
  readonly features: Tensor;
  readonly realness: Tensor;
}

/**
 * DCGAN's discriminator: images in [0, 1], mapped to [-1, 1], through strided convolutions (or dense layers) with
 * leaky ReLU.
 * Classes enter by projection: Miyato & Koyama, "cGANs with projection discriminator" (2018), eq. 5.
 */
export function adversary(
  scope: Scope,
  name: string,
  images: Tensor,
  labels: Tensor | undefined,
  domain: Domain,
  { spectral = false, architecture = 'conv' as Architecture, channels = defaultChannels } = {},
): Judgement {
  const transform = transformOf(spectral);
  const centred = domain.centre(images);
  const features =
    architecture === 'conv' && !isFlat(domain.shape)
      ? convolutions(scope, name, centred, leakyRelu, channels, transform)
      : denseFeatures(scope, name, flatten(centred), unitsFor(domain.shape), transform);
  const realness = verdict(scope, name, features, transform);
  if (labels === undefined) return { features, realness };
  const [classes, units] = [lengthOf(labels, 1), lengthOf(features, 1)];
  const { deviation } = lecunNormal(units) as { deviation: number };
  const table = scope.parameter(`${name}.classes`, [classes, units], { kind: 'normal', deviation });
  const projection = reduceSum(multiply(matmul(labels, transform(table)), features), [1]);
  return { features, realness: add(realness, projection) };
}

/** Judges pairs of an image and a latent vector [batch, latentDim]; its features are those of the two together. */
export function pairAdversary(
  scope: Scope,
  name: string,
  images: Tensor,
  latent: Tensor,
  domain: Domain,
  { spectral = false } = {},
): Judgement {
  const transform = transformOf(spectral);
  const centred = domain.centre(images);
  const seen = isFlat(domain.shape)
    ? denseFeatures(scope, `${name}.image`, flatten(centred), widths.flat, transform)
    : convolutions(scope, `${name}.image`, centred, leakyRelu, defaultChannels, transform);
  const code = denseFeatures(scope, `${name}.latent`, latent, [widths.pair], transform);
  const features = denseFeatures(scope, `${name}.pair`, concat([seen, code], 1), [widths.pair], transform);
  return { features, realness: verdict(scope, name, features, transform) };
}

/** Judges vectors [batch, length]. */
export function vectorAdversary(scope: Scope, name: string, x: Tensor, { spectral = false } = {}): Judgement {
  const transform = transformOf(spectral);
  const features = denseFeatures(scope, name, x, widths.vector, transform);
  return { features, realness: verdict(scope, name, features, transform) };
}

const transformOf = (spectral: boolean): WeightTransform => (spectral ? spectralNorm : (weight) => weight);

const denseFeatures = (
  scope: Scope,
  name: string,
  x: Tensor,
  units: readonly number[],
  transform: WeightTransform,
): Tensor =>
  units.reduce((h, count, i) => leakyRelu(dense(scope, `${name}.${i}`, h, count, undefined, transform)), x);

/** Features -> logit [batch]. */
const verdict = (scope: Scope, name: string, features: Tensor, transform: WeightTransform): Tensor =>
  reshape(dense(scope, `${name}.real`, features, 1, lecunNormal, transform), [features.shape[0] ?? 1]);
