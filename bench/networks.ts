// The networks that are timed: each as a model of ours, and how its weights are laid out in PyTorch's twin.

import { multiply, reduceSum, relu, reshape, square, subtract } from '../src/graph/operations.ts';
import type { Tensor } from '../src/graph/tensor.ts';
import { createDcgan, dcganOptions } from '../src/models/dcgan.ts';
import { imageDomain } from '../src/models/image-domain.ts';
import type { GenerativeModel } from '../src/models/model.ts';
import { createVae, vaeOptions } from '../src/models/vae.ts';
import { dense } from '../src/nn/layers.ts';
import { type AdamOptions, adamDefaults } from '../src/nn/optimizer.ts';
import type { ParameterLayout, Scope } from '../src/nn/parameters.ts';

export type NetworkName = keyof typeof networks;

interface Network {
  readonly title: string;
  readonly optimiser: Optimiser;
  /** Steps from equal weights over which the losses are compared. */
  readonly comparedSteps: number;
  createModel(): GenerativeModel;
  /** PyTorch's parameters in the order of `named_parameters()`: each is the concatenation of its parts. */
  readonly peer: Readonly<Record<string, readonly Part[]>>;
}

/** Adam; a GAN has one for each of its networks. */
interface Optimiser {
  readonly learningRate: number;
  readonly adam: AdamOptions;
}
const plain: Optimiser = { learningRate: 1e-3, adam: adamDefaults };

/** One of our parameters, seen as `shape`, with its axes reordered to PyTorch's. */
interface Part {
  readonly name: string;
  readonly shape: readonly number[];
  readonly order: readonly number[];
}
const part = (name: string, shape: readonly number[], order: readonly number[]): Part => ({
  name,
  shape,
  order,
});

/** A linear layer: ours [in, out], theirs [out, in]. */
const linear = (theirs: string, ours: string, inputs: number, outputs: number) => ({
  [`${theirs}.weight`]: [part(`${ours}.weight`, [inputs, outputs], [1, 0])],
  [`${theirs}.bias`]: [part(`${ours}.bias`, [outputs], [0])],
});
/** The two heads of an encoder, one layer over there; the features are [cells, channels], theirs [channels, cells]. */
const moments = (cells: number, channels: number, latentDim: number) => ({
  'moments.weight': ['mean', 'logVar'].map((head) =>
    part(`encoder.${head}.weight`, [cells, channels, latentDim], [2, 1, 0]),
  ),
  'moments.bias': ['mean', 'logVar'].map((head) => part(`encoder.${head}.bias`, [latentDim], [0])),
});
/** A linear layer from latent vectors to features, and one from features to a single number; laid out as above. */
const expansion = (theirs: string, ours: string, latentDim: number) => ({
  [`${theirs}.weight`]: [part(`${ours}.weight`, [latentDim, 49, 64], [2, 1, 0])],
  [`${theirs}.bias`]: [part(`${ours}.bias`, [49, 64], [1, 0])],
});
const readout = (theirs: string, ours: string) => ({
  [`${theirs}.weight`]: [part(`${ours}.weight`, [49, 64], [1, 0])],
  [`${theirs}.bias`]: [part(`${ours}.bias`, [1], [0])],
});
/** A 4x4 convolution [k, k, in, out]; PyTorch has [out, in, k, k], and [in, out, k, k] where it is transposed. */
const convolution = (theirs: string, ours: string, inputs: number, outputs: number, transposed = false) => ({
  [`${theirs}.weight`]: [
    part(`${ours}.weight`, [4, 4, inputs, outputs], transposed ? [2, 3, 0, 1] : [3, 2, 0, 1]),
  ],
  [`${theirs}.bias`]: [part(`${ours}.bias`, [outputs], [0])],
});

const vae = (architecture: 'conv' | 'mlp') =>
  createVae(imageDomain([28, 28, 1]), vaeOptions.parse({ architecture, betaWarmup: 0 }));

const widths = [64, 32, 16, 32, 64, 29];

/** A plain autoencoder of 29 columns under squared error. */
function createAutoencoder(): GenerativeModel {
  const layers = (scope: Scope, x: Tensor, first: number, last: number): Tensor =>
    widths.slice(first, last).reduce((h, units, i) => {
      const y = dense(scope, `layers.${first + i}`, h, units);
      return first + i === widths.length - 1 ? y : relu(y);
    }, x);
  const flatten = (images: Tensor): Tensor => reshape(images, [images.shape[0] ?? 1, 29]);
  return {
    domain: imageDomain([1, 29, 1]),
    latentDim: 16,
    classes: 0,
    stages: [
      {
        name: 'autoencoder',
        share: 1,
        noise: {},
        schedules: {},
        phases: [
          {
            name: 'autoencoder',
            owns: () => true,
            losses(scope, { images, rowShare }) {
              const x = flatten(images);
              const total = multiply(reduceSum(square(subtract(layers(scope, x, 0, 6), x))), rowShare);
              return { total, parts: { reconstruction: total } };
            },
          },
        ],
      },
    ],
    perceive(scope, images) {
      const latent = layers(scope, flatten(images), 0, 3);
      return { latent, reconstruction: layers(scope, latent, 3, 6) };
    },
    decode: (scope, latent) => reshape(layers(scope, latent, 3, 6), [latent.shape[0] ?? 1, 1, 29, 1]),
  };
}

export const networks = {
  conv: {
    title: 'VAE, conv 1-32-64, 4x4 stride 2, latent 16',
    optimiser: plain,
    comparedSteps: 50,
    createModel: () => vae('conv'),
    peer: {
      ...convolution('conv1', 'encoder.0', 1, 32),
      ...convolution('conv2', 'encoder.1', 32, 64),
      ...moments(49, 64, 16),
      ...expansion('expand', 'decoder.0', 16),
      ...convolution('up1', 'decoder.1', 64, 32, true),
      ...convolution('up2', 'decoder.logits', 32, 1, true),
    },
  },
  mlp: {
    title: 'VAE, dense 784-512-256-16 and back',
    optimiser: plain,
    comparedSteps: 50,
    createModel: () => vae('mlp'),
    peer: {
      ...linear('enc1', 'encoder.0', 784, 512),
      ...linear('enc2', 'encoder.1', 512, 256),
      ...moments(1, 256, 16),
      ...linear('dec1', 'decoder.0', 16, 256),
      ...linear('dec2', 'decoder.1', 256, 512),
      ...linear('dec3', 'decoder.logits', 512, 784),
    },
  },
  dcgan: {
    title: 'DCGAN, conv 1-32-64 and back, latent 64',
    optimiser: { learningRate: 5e-4, adam: { ...adamDefaults, beta1: 0.5 } },
    // Two networks that chase each other: a difference by rounding grows tenfold in ten steps.
    comparedSteps: 20,
    createModel: () =>
      createDcgan(imageDomain([28, 28, 1]), dcganOptions.parse({ objective: 'standard', latentDim: 64 })),
    peer: {
      ...expansion('generator.0', 'generator.0', 64),
      ...convolution('generator.3', 'generator.1', 64, 32, true),
      ...convolution('generator.5', 'generator.logits', 32, 1, true),
      ...convolution('adversary.0', 'adversary.0', 1, 32),
      ...convolution('adversary.2', 'adversary.1', 32, 64),
      ...readout('adversary.5', 'adversary.real'),
    },
  },
  autoencoder: {
    title: 'Autoencoder 29-64-32-16-32-64-29',
    optimiser: plain,
    comparedSteps: 50,
    createModel: createAutoencoder,
    peer: Object.assign(
      {},
      ...widths.map((units, i) => linear(`layers.${i}`, `layers.${i}`, widths[i - 1] ?? 29, units)),
    ),
  },
} satisfies Record<string, Network>;

/** Our flat weights as PyTorch's parameters, one after the other, and how they are called. */
export function peerWeights(
  { peer }: Network,
  { places }: ParameterLayout,
  weights: Float32Array,
): { names: string[]; values: Float32Array } {
  const ours = (name: string): Float32Array => {
    const place = places.find((each) => each.name === name);
    if (place === undefined) throw new RangeError(`The network has no parameter '${name}'.`);
    return weights.subarray(place.offset, place.offset + place.length);
  };
  const parts = Object.values(peer).flat();
  const values = new Float32Array(weights.length);
  let offset = 0;
  for (const { name, shape, order } of parts) {
    const moved = reorderAxes(ours(name), shape, order);
    values.set(moved, offset);
    offset += moved.length;
  }
  if (offset !== weights.length) throw new RangeError(`${offset} of ${weights.length} weights have a twin.`);
  return { names: Object.keys(peer), values };
}

/** numpy.transpose. */
function reorderAxes(values: Float32Array, shape: readonly number[], order: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, n) => product * n, 1));
  const moved = new Float32Array(values.length);
  const at = order.map(() => 0);
  for (let i = 0; i < moved.length; i++) {
    moved[i] = values[order.reduce((sum, axis, k) => sum + at[k]! * strides[axis]!, 0)]!;
    for (let k = order.length - 1; k >= 0 && ++at[k]! === shape[order[k]!]; k--) at[k] = 0;
  }
  return moved;
}
