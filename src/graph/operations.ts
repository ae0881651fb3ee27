// The constructors of symbolic tensors: each checks its shapes and returns a node.
// Images are channels-last: [batch, height, width, channels].
import {
  type DataType,
  type Dimension,
  type OperationName,
  type Operations,
  type Shape,
  sameShape,
  type Tensor,
} from './tensor.ts';

function node<Name extends OperationName>(
  operation: Name,
  inputs: readonly Tensor[],
  shape: Shape,
  attributes: Operations[Name],
  dtype: DataType = 'float32',
): Tensor {
  return { operation, inputs, shape, attributes, dtype } as Tensor;
}

function mismatch(operation: string, rule: string, ...shapes: Shape[]): RangeError {
  return new RangeError(
    `${operation} needs ${rule}, got ${shapes.map((s) => `[${s.join(', ')}]`).join(' and ')}.`,
  );
}

/** The length of one axis, which must be known now. */
export function lengthOf(x: Tensor, axis: number): number {
  const length = x.shape.at(axis);
  if (typeof length !== 'number') throw mismatch('This operation', `a known length on axis ${axis}`, x.shape);
  return length;
}

// ---- leaves

/** A value fed at every run. */
export function input(name: string, shape: Shape, dtype: DataType = 'float32'): Tensor {
  return node('input', [], shape, { name }, dtype);
}

/** A value stored in the graph; a plain number makes a scalar. */
export function constant(values: number | Float32Array | BigInt64Array, shape: Shape = []): Tensor {
  if (typeof values === 'number') return node('constant', [], [], { values: Float32Array.of(values) });
  return node('constant', [], shape, { values }, values instanceof BigInt64Array ? 'int64' : 'float32');
}

// ---- elementwise

const unary =
  (operation: OperationName) =>
  (x: Tensor): Tensor =>
    node(operation, [x], x.shape, {});
export const negate = unary('negate');
export const exp = unary('exp');
export const log = unary('log');
export const sqrt = unary('sqrt');
export const absolute = unary('absolute');
export const tanh = unary('tanh');
export const sigmoid = unary('sigmoid');
/** log(1 + e^x), without overflow. */
export const softplus = unary('softplus');
export const relu = unary('relu');
/** max(x, slope * x) for 0 < slope < 1. */
export const leakyRelu = (x: Tensor, slope = 0.2): Tensor => node('leakyRelu', [x], x.shape, { slope });
/** 1 where x > 0, else 0. Its gradient is zero. */
export const isPositive = unary('isPositive');
/** Bytes or integers as float32. */
export const toFloat = unary('toFloat');
/** Numbers of 0 or more as int64 positions, rounded down. No gradient. */
export const toIndex = (x: Tensor): Tensor => node('toIndex', [x], x.shape, {}, 'int64');
/** 1 where x is not a number (missing), else 0. Its gradient is zero. */
export const isMissing = unary('isMissing');
/** x where it is a number, else `by`, whose shape must broadcast to that of x. */
export function replaceMissing(x: Tensor, by: Tensor | number): Tensor {
  const other = asTensor(by);
  if (!sameShape(broadcastShapes(x.shape, other.shape), x.shape)) {
    throw mismatch('replaceMissing', 'a replacement that broadcasts to the first', x.shape, other.shape);
  }
  return node('replaceMissing', [x, other], x.shape, {});
}
/** Texts as int64 positions in `keys`, keys.length for any other text. No gradient. */
export function categoryCode(x: Tensor, keys: readonly string[]): Tensor {
  return node('categoryCode', [x], x.shape, { keys }, 'int64');
}
/** The same values, through which no gradient flows. */
export const detach = unary('detach');

/** The NumPy rule: axes are aligned at the end, a length of 1 repeats. */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis): Dimension => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    throw mismatch('A binary operation', 'shapes that broadcast', a, b);
  });
}

type Operand = Tensor | number;
const asTensor = (x: Operand): Tensor => (typeof x === 'number' ? constant(x) : x);
const binary =
  (operation: OperationName) =>
  (left: Operand, right: Operand): Tensor => {
    const [a, b] = [asTensor(left), asTensor(right)];
    return node(operation, [a, b], broadcastShapes(a.shape, b.shape), {});
  };
export const add = binary('add');
export const subtract = binary('subtract');
export const multiply = binary('multiply');
export const divide = binary('divide');
export const maximum = binary('maximum');
export const minimum = binary('minimum');
export const square = (x: Tensor): Tensor => multiply(x, x);
/** sign(x) log(|x| + sqrt(x^2 + 1)): x near 0, a logarithm far out. */
export function asinh(x: Tensor): Tensor {
  const size = absolute(x);
  const positive = log(add(size, sqrt(add(square(size), 1))));
  return multiply(positive, subtract(multiply(isPositive(x), 2), 1));
}

// ---- along axes

function reduce(
  operation: 'reduceSum' | 'reduceMax',
  x: Tensor,
  axes: readonly number[],
  keep: boolean,
): Tensor {
  const positive = axes.map((axis) => (axis < 0 ? axis + x.shape.length : axis));
  const kept = x.shape.map((length, axis) => (positive.includes(axis) ? 1 : length));
  const reduced = node(operation, [x], kept, { axes: positive });
  if (keep) return reduced;
  return reshape(
    reduced,
    x.shape.filter((_, axis) => !positive.includes(axis)),
  );
}

/** The sum along `axes` (all of them when not given); `keep` leaves length 1 behind. */
export function reduceSum(
  x: Tensor,
  axes: readonly number[] = x.shape.map((_, i) => i),
  keep = false,
): Tensor {
  return reduce('reduceSum', x, axes, keep);
}
export function reduceMax(x: Tensor, axes: readonly number[], keep = false): Tensor {
  return reduce('reduceMax', x, axes, keep);
}
/** The mean along axes of known length. */
export function reduceMean(x: Tensor, axes: readonly number[], keep = false): Tensor {
  const count = axes.reduce((product, axis) => product * lengthOf(x, axis), 1);
  return multiply(reduceSum(x, axes, keep), 1 / count);
}
/** log(sum(exp(x))) along one axis, without overflow. */
export function logSumExp(x: Tensor, axis: number, keep = false): Tensor {
  const peak = reduceMax(x, [axis], true);
  const kept = add(peak, log(reduceSum(exp(subtract(x, peak)), [axis], true)));
  return keep ? kept : reshape(kept, reduceSum(x, [axis]).shape);
}

/** The `count` smallest values along the last axis, ascending. No gradient. */
export function smallest(x: Tensor, count: number): Tensor {
  return node('smallest', [x], [...x.shape.slice(0, -1), count], { count });
}
/** Where `smallest` found them: int64 positions along the last axis. */
export function smallestIndices(x: Tensor, count: number): Tensor {
  return node('smallestIndices', [x], [...x.shape.slice(0, -1), count], { count }, 'int64');
}

// ---- layout

/** The same elements in another shape; at most one dimension may be symbolic. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const [known, names] = [x.shape, shape].reduce<[number[], string[]]>(
    ([products, symbols], each) => [
      [...products, each.reduce<number>((p, d) => (typeof d === 'number' ? p * d : p), 1)],
      [...symbols, each.filter((d) => typeof d === 'string').join()],
    ],
    [[], []],
  );
  const sameSymbols = names[0] === names[1];
  if (sameSymbols ? known[0] !== known[1] : names[1]?.includes(',')) {
    throw mismatch('reshape', 'as many elements as before', x.shape, shape);
  }
  return node('reshape', [x], shape, {}, x.dtype);
}

/** Repeats axes of length 1 up to `like`'s shape. Only the shape of `like` is used. */
export function broadcastLike(x: Tensor, like: Tensor): Tensor {
  if (sameShape(x.shape, like.shape)) return x;
  if (!sameShape(broadcastShapes(x.shape, like.shape), like.shape)) {
    throw mismatch('broadcastLike', 'a shape that broadcasts to the second', x.shape, like.shape);
  }
  return node('broadcast', [x, like], like.shape, {});
}

export function transpose(x: Tensor, permutation: readonly number[]): Tensor {
  if (permutation.length !== x.shape.length)
    throw mismatch('transpose', `${permutation.length} axes`, x.shape);
  if (permutation.every((axis, i) => axis === i)) return x;
  return node(
    'transpose',
    [x],
    permutation.map((axis) => x.shape[axis] ?? 1),
    { permutation },
    x.dtype,
  );
}

export function concat(parts: readonly Tensor[], axis: number): Tensor {
  const first = parts[0];
  if (first === undefined) throw new RangeError('concat needs at least one tensor.');
  if (parts.length === 1) return first;
  const total = parts.reduce((sum, part) => sum + lengthOf(part, axis), 0);
  return node(
    'concat',
    parts,
    first.shape.map((d, i) => (i === axis ? total : d)),
    { axis },
  );
}

/** Elements start..end-1 of one axis. */
export function slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  const length = lengthOf(x, axis);
  if (start < 0 || end > length || start >= end)
    throw mismatch('slice', `0 <= ${start} < ${end} <= length`, x.shape);
  if (start === 0 && end === length) return x;
  return node(
    'slice',
    [x],
    x.shape.map((d, i) => (i === axis ? end - start : d)),
    { axis, start, end },
  );
}

/** Zeros before and after each axis; a negative count crops. */
export function pad(x: Tensor, before: readonly number[], after: readonly number[]): Tensor {
  if (before.every((n) => n === 0) && after.every((n) => n === 0)) return x;
  const shape = x.shape.map((length, axis) => {
    const extra = (before[axis] ?? 0) + (after[axis] ?? 0);
    return typeof length === 'number' ? length + extra : length;
  });
  return node('pad', [x], shape, { before, after });
}

export function reverse(x: Tensor, axis: number): Tensor {
  return node('reverse', [x], x.shape, { axis });
}

/** Rows of `table` [rows, ...] chosen by int64 `indices` [...]. No gradient. */
export function gatherRows(table: Tensor, indices: Tensor): Tensor {
  return node('gatherRows', [table, indices], [...indices.shape, ...table.shape.slice(1)], {}, table.dtype);
}

// ---- linear maps

/** The product of two matrices, either of them transposed first. */
export function matmul(a: Tensor, b: Tensor, { transposeA = false, transposeB = false } = {}): Tensor {
  const [rows, inner] = transposeA ? [a.shape[1], a.shape[0]] : a.shape;
  const [innerB, columns] = transposeB ? [b.shape[1], b.shape[0]] : b.shape;
  if (a.shape.length !== 2 || b.shape.length !== 2 || inner !== innerB) {
    throw mismatch('matmul', 'two matrices whose inner lengths agree', a.shape, b.shape);
  }
  return node('matmul', [a, b], [rows ?? 1, columns ?? 1], { transposeA, transposeB });
}

/**
 * Cross-correlation with stride 1: x [batch, height, width, in], kernel [rows, columns, in, out]
 * -> [batch, height + 2 padding - rows + 1, ..., out]. Strided and transposed convolutions are this one after
 * a change of layout (nn/convolution.ts), so that every pass, forward or backward, is one large matrix product.
 */
export function conv(x: Tensor, kernel: Tensor, padding = 0): Tensor {
  if (x.shape.length !== 4 || kernel.shape.length !== 4 || x.shape[3] !== kernel.shape[2]) {
    throw mismatch('conv', '[batch, height, width, in] and [rows, columns, in, out]', x.shape, kernel.shape);
  }
  const height = lengthOf(x, 1) + 2 * padding - lengthOf(kernel, 0) + 1;
  const width = lengthOf(x, 2) + 2 * padding - lengthOf(kernel, 1) + 1;
  if (height < 1 || width < 1)
    throw mismatch('conv', 'a kernel no larger than its input', x.shape, kernel.shape);
  return node('conv', [x, kernel], [x.shape[0] ?? 1, height, width, kernel.shape[3] ?? 1], { padding });
}

/** The gradient of `conv` for its kernel: x as given to conv, g of conv's output shape -> the kernel's shape. */
export function convWeight(x: Tensor, g: Tensor, padding = 0): Tensor {
  if (x.shape.length !== 4 || g.shape.length !== 4 || x.shape[0] !== g.shape[0]) {
    throw mismatch('convWeight', 'two sets of as many images', x.shape, g.shape);
  }
  const rows = lengthOf(x, 1) + 2 * padding - lengthOf(g, 1) + 1;
  const columns = lengthOf(x, 2) + 2 * padding - lengthOf(g, 2) + 1;
  return node('convWeight', [x, g], [rows, columns, x.shape[3] ?? 1, g.shape[3] ?? 1], { padding });
}
