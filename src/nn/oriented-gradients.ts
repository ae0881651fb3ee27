// Where an image has edges, and which way they run: a fixed description that forgives small shifts.
// After Dalal & Triggs, "Histograms of oriented gradients" (2005), with Gaussian pooling instead of hard cells
// and sharpened directions as in Lowe's SIFT descriptors (2004, section 6).
import {
  add,
  constant,
  divide,
  lengthOf,
  matmul,
  multiply,
  reduceMean,
  reduceSum,
  relu,
  reshape,
  slice,
  sqrt,
  square,
  transpose,
} from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';

const directions = 8;
/** Widths in pixels: of the blur before differencing, and of the pooling window. */
const blurWidth = 0.8;
const poolWidth = 2;
/** Pixels between two pooling windows. */
const cell = 4;

/** Number of values that describe one image: 8 directions in each cell of 4 x 4 pixels. */
export function orientedGradientsLength([height, width]: readonly [number, number, ...number[]]): number {
  return directions * Math.ceil(height / cell) * Math.ceil(width / cell);
}

/** Images [batch, height, width, channels] in [0, 1] -> [batch, orientedGradientsLength]; channels are averaged. */
export function orientedGradients(images: Tensor): Tensor {
  const batch = images.shape[0] ?? 1;
  const [height, width] = [lengthOf(images, 1), lengthOf(images, 2)];
  const grey = reduceMean(images, [3]);
  const [blurX, blurY] = [blurMatrix(width), blurMatrix(height)];
  const [slopeX, slopeY] = [
    compose(blurX, differenceMatrix(width)),
    compose(blurY, differenceMatrix(height)),
  ];
  // [batch, y, x] -> [batch, x, y], each axis mapped once.
  const across = transpose(alongLast(grey, beside(slopeX, blurX)), [0, 2, 1]);
  const gx = alongLast(slice(across, 1, 0, width), blurY);
  const gy = alongLast(slice(across, 1, width, 2 * width), slopeY);

  const plane = (x: Tensor): Tensor => reshape(x, [batch, 1, width, height]);
  const angles = Array.from({ length: directions }, (_, i) => (2 * Math.PI * i) / directions);
  const perDirection = (of: (angle: number) => number): Tensor =>
    constant(Float32Array.from(angles, of), [directions, 1, 1]);
  const strength = add(sqrt(add(square(plane(gx)), square(plane(gy)))), 1e-6);
  const along = relu(
    add(multiply(plane(gx), perDirection(Math.cos)), multiply(plane(gy), perDirection(Math.sin))),
  );
  const sharp = multiply(strength, square(square(divide(along, strength))));

  const pooledY = transpose(alongLast(sharp, poolMatrix(height)), [0, 1, 3, 2]);
  const pooled = alongLast(pooledY, poolMatrix(width));
  return reshape(sqrt(pooled), [batch, orientedGradientsLength([height, width])]);
}

/**
 * Weights of the description's values [batch, orientedGradientsLength] -> weights of pixels [batch, height * width]:
 * each cell's go back to the pixels that it was pooled from.
 */
export function spreadOverPixels(
  weights: Tensor,
  [height, width]: readonly [number, number, ...number[]],
): Tensor {
  const batch = weights.shape[0] ?? 1;
  const [rows, columns] = [Math.ceil(height / cell), Math.ceil(width / cell)];
  const cells = reduceSum(reshape(weights, [batch, directions, rows, columns]), [1]);
  const wide = transpose(alongLast(cells, turned(poolMatrix(width))), [0, 2, 1]);
  const full = transpose(alongLast(wide, turned(poolMatrix(height))), [0, 2, 1]);
  return reshape(full, [batch, height * width]);
}

/** A fixed linear map from `inputs` to `outputs` values, row-major. */
interface Matrix {
  readonly inputs: number;
  readonly outputs: number;
  readonly values: Float32Array;
}

function matrix(inputs: number, outputs: number, value: (input: number, output: number) => number): Matrix {
  const values = Float32Array.from({ length: inputs * outputs }, (_, i) =>
    value(Math.floor(i / outputs), i % outputs),
  );
  return { inputs, outputs, values };
}

/** Applies a map to the last axis, whatever stands before it. */
function alongLast(x: Tensor, { inputs, outputs, values }: Matrix): Tensor {
  const flat = reshape(x, ['rows', inputs]);
  return reshape(matmul(flat, constant(values, [inputs, outputs])), [...x.shape.slice(0, -1), outputs]);
}

/** A truncated Gaussian of at most 3.5 widths to each side, its full sum 1; beyond the border lies zero. */
function gaussian(width: number): (distance: number) => number {
  const reach = Math.floor(3 * width + 0.5);
  const weight = (distance: number): number => Math.exp(-(distance ** 2) / (2 * width ** 2));
  let total = 0;
  for (let distance = -reach; distance <= reach; distance++) total += weight(distance);
  return (distance) => (Math.abs(distance) <= reach ? weight(distance) / total : 0);
}

function blurMatrix(length: number): Matrix {
  const weight = gaussian(blurWidth);
  return matrix(length, length, (from, to) => weight(from - to));
}

/** Central differences; the border repeats. */
function differenceMatrix(length: number): Matrix {
  const clamp = (i: number): number => Math.min(length - 1, Math.max(0, i));
  return matrix(
    length,
    length,
    (from, to) => Number(from === clamp(to + 1)) - Number(from === clamp(to - 1)),
  );
}

function poolMatrix(length: number): Matrix {
  const weight = gaussian(poolWidth);
  return matrix(length, Math.ceil(length / cell), (from, to) =>
    weight(from - Math.min(length - 1, to * cell + cell / 2)),
  );
}

function compose(first: Matrix, second: Matrix): Matrix {
  return matrix(first.inputs, second.outputs, (from, to) => {
    let sum = 0;
    for (let k = 0; k < first.outputs; k++) {
      sum += (first.values[from * first.outputs + k] ?? 0) * (second.values[k * second.outputs + to] ?? 0);
    }
    return sum;
  });
}

const turned = ({ inputs, outputs, values }: Matrix): Matrix =>
  matrix(outputs, inputs, (from, to) => values[to * outputs + from] ?? 0);

function beside(left: Matrix, right: Matrix): Matrix {
  return matrix(left.inputs, left.outputs + right.outputs, (from, to) =>
    to < left.outputs
      ? (left.values[from * left.outputs + to] ?? 0)
      : (right.values[from * right.outputs + to - left.outputs] ?? 0),
  );
}
