// Strided and transposed convolutions as changes of layout around a convolution of stride 1.
// A kernel of size k and stride s is one of ceil(k / s) over blocks of s x s pixels, so every pass of both
// layers, forward and backward, becomes one large matrix product and nothing is multiplied in vain.
import { add, conv, lengthOf, pad, reshape, reverse, transpose } from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';
import { heNormal, type WeightTransform } from './layers.ts';
import type { Initializer, Scope } from './parameters.ts';

export interface ConvolutionOptions {
  readonly channels: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly initializer?: (fanIn: number) => Initializer;
  readonly transform?: WeightTransform;
}

/** [batch, height, width, c] -> [batch, height / s, width / s, s * s * c]. */
export function spaceToDepth(x: Tensor, s: number): Tensor {
  if (s === 1) return x;
  const [height, width, channels] = [lengthOf(x, 1) / s, lengthOf(x, 2) / s, lengthOf(x, 3)];
  const blocks = reshape(x, [x.shape[0] ?? 1, height, s, width, s, channels]);
  return reshape(transpose(blocks, [0, 1, 3, 2, 4, 5]), [x.shape[0] ?? 1, height, width, s * s * channels]);
}

/** The inverse of `spaceToDepth`. */
export function depthToSpace(x: Tensor, s: number): Tensor {
  if (s === 1) return x;
  const [height, width, channels] = [lengthOf(x, 1), lengthOf(x, 2), lengthOf(x, 3) / (s * s)];
  const blocks = reshape(x, [x.shape[0] ?? 1, height, width, s, s, channels]);
  return reshape(transpose(blocks, [0, 1, 3, 2, 4, 5]), [x.shape[0] ?? 1, height * s, width * s, channels]);
}

/** Adds (or, when negative, crops) rows and columns. */
const frame = (x: Tensor, before: [number, number], after: [number, number]): Tensor =>
  pad(x, [0, ...before, 0], [0, ...after, 0]);

/** A kernel [k, k, in, out] as [taps, s, taps, s, in, out], zeros filling up to whole blocks. */
function kernelBlocks(kernel: Tensor, s: number): Tensor {
  const k = lengthOf(kernel, 0);
  const taps = Math.ceil(k / s);
  const missing = taps * s - k;
  const full = pad(kernel, [0, 0, 0, 0], [missing, missing, 0, 0]);
  return reshape(full, [taps, s, taps, s, lengthOf(kernel, 2), lengthOf(kernel, 3)]);
}

/**
 * Cross-correlation of x [batch, height, width, in] with kernel [k, k, in, out], `stride` and zero `padding`
 * as in PyTorch's conv2d -> [batch, floor((height + 2 padding - k) / stride) + 1, ..., out].
 */
export function convolve(x: Tensor, kernel: Tensor, stride: number, padding: number): Tensor {
  if (stride === 1) return conv(x, kernel, padding);
  const [k, inputs, outputs] = [lengthOf(kernel, 0), lengthOf(kernel, 2), lengthOf(kernel, 3)];
  const taps = Math.ceil(k / stride);
  const missing = ([1, 2] as const).map((axis) => {
    const windows = Math.floor((lengthOf(x, axis) + 2 * padding - k) / stride) + 1;
    return (windows - 1 + taps) * stride - lengthOf(x, axis) - padding;
  }) as [number, number];
  const blocks = spaceToDepth(frame(x, [padding, padding], missing), stride);
  const matrix = transpose(kernelBlocks(kernel, stride), [0, 2, 1, 3, 4, 5]);
  return conv(blocks, reshape(matrix, [taps, taps, stride * stride * inputs, outputs]));
}

/**
 * The transpose of `convolve`: x [batch, height, width, in], kernel [k, k, in, out]
 * -> [batch, (height - 1) stride - 2 padding + k, ..., out], as PyTorch's conv_transpose2d.
 */
export function convolveTransposed(x: Tensor, kernel: Tensor, stride: number, padding: number): Tensor {
  const [k, inputs, outputs] = [lengthOf(kernel, 0), lengthOf(kernel, 2), lengthOf(kernel, 3)];
  const taps = Math.ceil(k / stride);
  const ordered = transpose(kernelBlocks(kernel, stride), [0, 2, 4, 1, 3, 5]);
  const turned = reverse(reshape(ordered, [taps * taps, inputs, stride * stride * outputs]), 0);
  const kernelMatrix = reshape(turned, [taps, taps, inputs, stride * stride * outputs]);
  const full = depthToSpace(conv(x, kernelMatrix, taps - 1), stride);
  const surplus = ([1, 2] as const).map(
    (axis) => (lengthOf(x, axis) - 1) * stride + k - padding - lengthOf(full, axis),
  ) as [number, number];
  return frame(full, [-padding, -padding], surplus);
}

function weights(scope: Scope, name: string, x: Tensor, options: ConvolutionOptions, fanIn: number) {
  const { channels, kernel, initializer = heNormal, transform = (weight: Tensor) => weight } = options;
  const shape = [kernel, kernel, lengthOf(x, 3), channels];
  return {
    weight: transform(scope.parameter(`${name}.weight`, shape, initializer(fanIn))),
    bias: scope.parameter(`${name}.bias`, [channels], { kind: 'zeros' }),
  };
}

/** A convolution with bias. */
export function convolution(scope: Scope, name: string, x: Tensor, options: ConvolutionOptions): Tensor {
  const fanIn = options.kernel ** 2 * lengthOf(x, 3);
  const { weight, bias } = weights(scope, name, x, options, fanIn);
  return add(convolve(x, weight, options.stride, options.padding), bias);
}

/** A transposed convolution with bias. */
export function convolutionTransposed(
  scope: Scope,
  name: string,
  x: Tensor,
  options: ConvolutionOptions,
): Tensor {
  const fanIn = (options.kernel / options.stride) ** 2 * lengthOf(x, 3);
  const { weight, bias } = weights(scope, name, x, options, fanIn);
  return add(convolveTransposed(x, weight, options.stride, options.padding), bias);
}
