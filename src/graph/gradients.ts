// Reverse-mode differentiation: a rule for each operation and one reverse walk.
// Rules emit ordinary tensors, so a gradient can be differentiated again (WGAN-GP, R1).
// Shape of the code after tinygrad's gradient.py; the convolution rules are those of Dumoulin & Visin,
// "A guide to convolution arithmetic for deep learning" (2016), section 4.
import {
  add,
  broadcastLike,
  constant,
  conv,
  convWeight,
  divide,
  exp,
  isMissing,
  isPositive,
  lengthOf,
  matmul,
  maximum,
  multiply,
  negate,
  pad,
  reduceSum,
  reshape,
  reverse,
  sigmoid,
  slice,
  sqrt,
  square,
  subtract,
  tanh,
  transpose,
} from './operations.ts';
import { type OperationName, sameShape, type Tensor, type TensorOf, topologicalOrder } from './tensor.ts';

/** Given the node and the gradient of the loss for its output: that for each input, null where there is none. */
type Rule<Name extends OperationName> = (y: TensorOf<Name>, g: Tensor) => readonly (Tensor | null)[];

const at = (y: { readonly inputs: readonly Tensor[] }, i: number): Tensor => {
  const found = y.inputs[i];
  if (found === undefined) throw new RangeError(`A tensor lacks its input ${i}.`);
  return found;
};

/** Sums a gradient over the axes along which its tensor was repeated. */
function unbroadcast(g: Tensor, to: Tensor): Tensor {
  if (sameShape(g.shape, to.shape)) return g;
  const extra = g.shape.length - to.shape.length;
  const axes = g.shape.flatMap((length, axis) =>
    axis < extra || (to.shape[axis - extra] === 1 && length !== 1) ? [axis] : [],
  );
  return reshape(reduceSum(g, axes, true), to.shape);
}

/** The kernel with which a gradient flows back through `conv`: turned by 180 degrees, in and out swapped. */
function backwardKernel(kernel: Tensor): Tensor {
  const [rows, columns, inputs, outputs] = [0, 1, 2, 3].map((axis) => lengthOf(kernel, axis)) as [
    number,
    number,
    number,
    number,
  ];
  const taps = reverse(reshape(kernel, [rows * columns, inputs, outputs]), 0);
  return reshape(transpose(taps, [0, 2, 1]), [rows, columns, outputs, inputs]);
}

const none = () => [null, null];
const notDifferentiable = (y: { readonly operation: string }): never => {
  throw new RangeError(`${y.operation} has no gradient; use it for scores, not in a loss.`);
};

export const gradientRules: { readonly [Name in OperationName]: Rule<Name> } = {
  input: none,
  constant: none,

  negate: (_, g) => [negate(g)],
  exp: (y, g) => [multiply(g, exp(at(y, 0)))],
  log: (y, g) => [divide(g, at(y, 0))],
  sqrt: (y, g) => [divide(multiply(g, 0.5), sqrt(at(y, 0)))],
  absolute: (y, g) => [multiply(g, subtract(isPositive(at(y, 0)), isPositive(negate(at(y, 0)))))],
  tanh: (y, g) => [multiply(g, subtract(1, square(tanh(at(y, 0)))))],
  sigmoid: (y, g) => [multiply(g, multiply(sigmoid(at(y, 0)), subtract(1, sigmoid(at(y, 0)))))],
  softplus: (y, g) => [multiply(g, sigmoid(at(y, 0)))],
  relu: (y, g) => [multiply(g, isPositive(at(y, 0)))],
  leakyRelu: (y, g) => [multiply(g, maximum(isPositive(at(y, 0)), y.attributes.slope))],
  isPositive: none,
  detach: none,
  toFloat: none,
  isMissing: none,
  toIndex: notDifferentiable,
  categoryCode: notDifferentiable,

  add: (y, g) => [unbroadcast(g, at(y, 0)), unbroadcast(g, at(y, 1))],
  subtract: (y, g) => [unbroadcast(g, at(y, 0)), unbroadcast(negate(g), at(y, 1))],
  multiply: (y, g) => [
    unbroadcast(multiply(g, at(y, 1)), at(y, 0)),
    unbroadcast(multiply(g, at(y, 0)), at(y, 1)),
  ],
  divide: (y, g) => [
    unbroadcast(divide(g, at(y, 1)), at(y, 0)),
    unbroadcast(negate(divide(multiply(g, at(y, 0)), square(at(y, 1)))), at(y, 1)),
  ],
  // Where both are equal the whole gradient goes to the second, one of the valid subgradients.
  maximum: (y, g) => {
    const first = isPositive(subtract(at(y, 0), at(y, 1)));
    return [
      unbroadcast(multiply(g, first), at(y, 0)),
      unbroadcast(multiply(g, subtract(1, first)), at(y, 1)),
    ];
  },
  minimum: (y, g) => {
    const first = isPositive(subtract(at(y, 1), at(y, 0)));
    return [
      unbroadcast(multiply(g, first), at(y, 0)),
      unbroadcast(multiply(g, subtract(1, first)), at(y, 1)),
    ];
  },

  replaceMissing: (y, g) => {
    const missing = isMissing(at(y, 0));
    return [multiply(g, subtract(1, missing)), unbroadcast(multiply(g, missing), at(y, 1))];
  },

  reduceSum: (y, g) => [broadcastLike(g, at(y, 0))],
  // Equal peaks share the gradient.
  reduceMax: (y, g) => {
    const isPeak = subtract(1, isPositive(subtract(y as Tensor, at(y, 0))));
    const ties = reduceSum(isPeak, y.attributes.axes, true);
    return [multiply(isPeak, divide(g, ties))];
  },
  smallest: notDifferentiable,
  smallestIndices: notDifferentiable,

  reshape: (y, g) => [reshape(g, at(y, 0).shape)],
  broadcast: (y, g) => [unbroadcast(g, at(y, 0)), null],
  transpose: ({ attributes: { permutation } }, g) => [
    transpose(
      g,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ],
  concat: (y, g) => {
    let start = 0;
    return y.inputs.map((part) => {
      const end = start + lengthOf(part, y.attributes.axis);
      const piece = slice(g, y.attributes.axis, start, end);
      start = end;
      return piece;
    });
  },
  slice: (y, g) => {
    const { axis, start, end } = y.attributes;
    const rest = lengthOf(at(y, 0), axis) - end;
    const only = (count: number) => y.shape.map((_, i) => (i === axis ? count : 0));
    return [pad(g, only(start), only(rest))];
  },
  pad: ({ attributes: { before, after } }, g) => [
    pad(
      g,
      before.map((n) => -n),
      after.map((n) => -n),
    ),
  ],
  reverse: ({ attributes: { axis } }, g) => [reverse(g, axis)],
  gatherRows: notDifferentiable,

  matmul: (y, g) => {
    const [a, b] = [at(y, 0), at(y, 1)];
    const { transposeA, transposeB } = y.attributes;
    const forA = transposeA
      ? matmul(b, g, { transposeA: transposeB, transposeB: true })
      : matmul(g, b, { transposeB: !transposeB });
    const forB = transposeB
      ? matmul(g, a, { transposeA: true, transposeB: transposeA })
      : matmul(a, g, { transposeA: !transposeA });
    return [forA, forB];
  },
  conv: (y, g) => {
    const [x, kernel] = [at(y, 0), at(y, 1)];
    const { padding } = y.attributes;
    return [convBackward(g, kernel, padding), convWeight(x, g, padding)];
  },
  // <convWeight(x, g0), k> = <conv(x, k), g0>: linear in both, so the rules are conv's own.
  convWeight: (y, g) => {
    const { padding } = y.attributes;
    return [convBackward(at(y, 1), g, padding), conv(at(y, 0), g, padding)];
  },
};

/** The gradient of `conv` for its input, itself a convolution. */
function convBackward(g: Tensor, kernel: Tensor, padding: number): Tensor {
  const [rows, columns] = [lengthOf(kernel, 0) - 1 - padding, lengthOf(kernel, 1) - 1 - padding];
  if (rows === columns && rows >= 0) return conv(g, backwardKernel(kernel), rows);
  const border = [0, rows, columns, 0];
  return conv(pad(g, border, border), backwardKernel(kernel), 0);
}

/**
 * The gradients of a scalar `loss` for each of `targets`, as new tensors of the targets' shapes.
 * A target that the loss does not depend on gets zeros.
 */
export function gradients(loss: Tensor, targets: readonly Tensor[]): Tensor[] {
  if (loss.shape.length !== 0) {
    throw new RangeError(
      `gradients needs a scalar loss, got [${loss.shape.join(', ')}]; sum or average it first.`,
    );
  }
  const order = topologicalOrder([loss]);
  const reaches = new Set<Tensor>(targets);
  for (const tensor of order) if (tensor.inputs.some((i) => reaches.has(i))) reaches.add(tensor);

  const flowing = new Map<Tensor, Tensor>([[loss, constant(1)]]);
  for (const tensor of order.reverse()) {
    const g = flowing.get(tensor);
    if (g === undefined || !reaches.has(tensor) || tensor.inputs.length === 0) continue;
    if (!tensor.inputs.some((i) => reaches.has(i))) continue;
    const rule = gradientRules[tensor.operation] as Rule<OperationName>;
    rule(tensor, g).forEach((flow, i) => {
      const source = tensor.inputs[i];
      if (flow === null || source === undefined || !reaches.has(source)) return;
      const before = flowing.get(source);
      flowing.set(source, before === undefined ? flow : add(before, flow));
    });
  }
  return targets.map((target) => flowing.get(target) ?? multiply(target, 0));
}
