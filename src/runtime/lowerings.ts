// The lowering table: how each operation is said in ONNX (opset 18).
import type { OperationName, Shape, Tensor, TensorOf } from '../graph/tensor.ts';

/** ONNX's numbers for the element types. */
export const elementTypes = { float32: 1, uint8: 2, int64: 7, string: 8 } as const;

/** An attribute of a node: numbers are integers unless they say otherwise. */
export type Attribute =
  | number
  | readonly number[]
  | { readonly float: number }
  | { readonly texts: readonly string[] };

/** ONNX's domain of operations on classical features, such as text categories. */
export const machineLearningDomain = 'ai.onnx.ml';

/** Collects ONNX nodes; asking twice for the same node gives the same value name. */
export interface Emitter {
  /** An operation of ONNX's own, or of another domain as `domain:Name`. */
  node(opType: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>): string;
  floats(values: Float32Array, shape: readonly number[]): string;
  int64s(values: readonly number[] | BigInt64Array, shape?: readonly number[]): string;
  int32s(values: readonly number[]): string;
  /** How many operations read a tensor. */
  uses(tensor: Tensor): number;
  /** The value name of a tensor that was lowered before. */
  name(tensor: Tensor): string;
}

export type Lowering<Name extends OperationName> = (
  y: TensorOf<Name>,
  inputs: readonly string[],
  emit: Emitter,
) => string;

const direct =
  (opType: string) =>
  (_: unknown, inputs: readonly string[], emit: Emitter): string =>
    emit.node(opType, inputs);

const dynamicShape = (shape: Shape): number[] => shape.map((d) => (typeof d === 'number' ? d : -1));
const fixed = (shape: Shape, axis: number): number => Number(shape.at(axis));
const shapeOf = (y: { readonly inputs: readonly Tensor[] }, i: number): Shape => y.inputs[i]?.shape ?? [];

function reshapeTo(name: string, shape: readonly number[], emit: Emitter): string {
  return emit.node('Reshape', [name, emit.int64s(shape)]);
}

/**
 * Elementwise on two tensors. The runtime repeats a single number quickly along a last axis, but one element at a
 * time where that axis has length 1; so there it gets a vector to work on.
 */
function combine(
  opType: string,
  names: readonly string[],
  shapes: readonly Shape[],
  result: Shape,
  emit: Emitter,
): string {
  const isNumber = shapes.map((shape) => shape.every((length) => length === 1));
  const isSlow = result.length > 1 && result.at(-1) === 1 && isNumber[0] !== isNumber[1];
  if (!isSlow) return emit.node(opType, names);
  const flat = names.map((name, i) => (isNumber[i] ? name : reshapeTo(name, [-1], emit)));
  return reshapeTo(emit.node(opType, flat), dynamicShape(result), emit);
}
const elementwise =
  (opType: string) =>
  (y: Tensor, inputs: readonly string[], emit: Emitter): string =>
    combine(
      opType,
      inputs,
      y.inputs.map(({ shape }) => shape),
      y.shape,
      emit,
    );

/**
 * Every window of `rows` x `columns` pixels as a row of a matrix: [batch * windows, rows * columns * channels].
 * One Gather over whole pixels; its indices are the same for every image.
 */
function patches(
  x: string,
  shape: Shape,
  rows: number,
  columns: number,
  padding: number,
  emit: Emitter,
): string {
  const [height, width, channels] = [fixed(shape, 1), fixed(shape, 2), fixed(shape, 3)];
  if (rows === 1 && columns === 1 && padding === 0) return reshapeTo(x, [-1, channels], emit);
  const indices: number[] = [];
  for (let top = -padding; top <= height + padding - rows; top++) {
    for (let left = -padding; left <= width + padding - columns; left++) {
      for (let y = top; y < top + rows; y++) {
        for (let x = left; x < left + columns; x++) {
          const isInside = y >= 0 && y < height && x >= 0 && x < width;
          indices.push(isInside ? y * width + x : height * width);
        }
      }
    }
  }
  // One pixel of zeros at the end of each image serves all its borders.
  const pixels = reshapeTo(x, [-1, height * width, channels], emit);
  const padded = padding === 0 ? pixels : emit.node('Pad', [pixels, emit.int64s([0, 0, 0, 0, 1, 0])]);
  const gathered = emit.node('Gather', [padded, emit.int32s(indices)], { axis: 1 });
  return reshapeTo(gathered, [-1, rows * columns * channels], emit);
}

/** The product whose bias `y` adds, where nothing else reads that product. */
export function productBeforeBias(
  y: Tensor,
  uses: (tensor: Tensor) => number,
): TensorOf<'matmul' | 'conv'> | undefined {
  const [left, right] = y.inputs;
  if (y.operation !== 'add' || left === undefined || right === undefined || uses(left) !== 1)
    return undefined;
  const isBias = right.shape.length === 1 && right.shape[0] === left.shape.at(-1);
  return isBias && (left.operation === 'matmul' || left.operation === 'conv') ? left : undefined;
}

/** A matrix product or a convolution, with its bias inside the product where there is one. */
function lowerProduct(y: TensorOf<'matmul' | 'conv'>, bias: readonly string[], emit: Emitter): string {
  const [a, b] = y.inputs.map((each) => emit.name(each)) as [string, string];
  if (y.operation === 'matmul') {
    const { transposeA, transposeB } = y.attributes;
    return emit.node('Gemm', [a, b, ...bias], { transA: Number(transposeA), transB: Number(transposeB) });
  }
  const kernel = shapeOf(y, 1);
  const [rows, columns, inputs, outputs] = kernel as [number, number, number, number];
  if (shrinksChannels(inputs, outputs)) {
    const sum = productThenShift(y, a, b, emit);
    return bias.length === 0 ? sum : combine('Add', [sum, ...bias], [y.shape, [outputs]], y.shape, emit);
  }
  const windows = patches(a, shapeOf(y, 0), rows, columns, y.attributes.padding, emit);
  const matrix = reshapeTo(b, [rows * columns * inputs, outputs], emit);
  return reshapeTo(emit.node('Gemm', [windows, matrix, ...bias]), dynamicShape(y.shape), emit);
}

/** Whether it costs less to move a convolution's outputs about than its inputs. */
const shrinksChannels = (inputs: number, outputs: number): boolean => 4 * outputs <= inputs;

/** A convolution to few channels: every pixel times every tap in one product, then the taps' pictures shifted and summed. */
function productThenShift(y: TensorOf<'conv'>, x: string, kernel: string, emit: Emitter): string {
  const [rows, columns, inputs, outputs] = shapeOf(y, 1) as [number, number, number, number];
  const taps = rows * columns;
  const byInput = emit.node('Transpose', [reshapeTo(kernel, [taps, inputs, outputs], emit)], {
    perm: [1, 0, 2],
  });
  const all = emit.node('Gemm', [
    reshapeTo(x, [-1, inputs], emit),
    reshapeTo(byInput, [inputs, taps * outputs], emit),
  ]);
  const pictures = reshapeTo(
    all,
    [-1, fixed(shapeOf(y, 0), 1), fixed(shapeOf(y, 0), 2), taps * outputs],
    emit,
  );
  const { padding } = y.attributes;
  const border = [0, padding, padding, 0];
  const padded = padding === 0 ? pictures : emit.node('Pad', [pictures, emit.int64s([...border, ...border])]);
  const [height, width] = [fixed(y.shape, 1), fixed(y.shape, 2)];
  const axes = emit.int64s([1, 2, 3]);
  const shifted = Array.from({ length: taps }, (_, tap) => {
    const [top, left] = [Math.floor(tap / columns), tap % columns];
    const starts = emit.int64s([top, left, tap * outputs]);
    const ends = emit.int64s([top + height, left + width, (tap + 1) * outputs]);
    return emit.node('Slice', [padded, starts, ends, axes]);
  });
  return emit.node('Sum', shifted);
}

/** `convWeight` to few channels: windows of the small gradient instead of the large image, then the taps in reverse. */
function weightFromGradientWindows(y: TensorOf<'convWeight'>, x: string, g: string, emit: Emitter): string {
  const [rows, columns, inputs, outputs] = y.shape as [number, number, number, number];
  const taps = rows * columns;
  const windows = patches(g, shapeOf(y, 1), rows, columns, rows - 1 - y.attributes.padding, emit);
  const product = emit.node('Gemm', [reshapeTo(x, [-1, inputs], emit), windows], { transA: 1 });
  const turned = emit.node('Slice', [
    reshapeTo(product, [inputs, taps, outputs], emit),
    ...[-1, Number.MIN_SAFE_INTEGER, 1, -1].map((value) => emit.int64s([value], [1])),
  ]);
  return reshapeTo(emit.node('Transpose', [turned], { perm: [1, 0, 2] }), dynamicShape(y.shape), emit);
}

const range = (
  y: TensorOf<'slice'> | TensorOf<'reverse'>,
  start: number,
  end: number,
  step: number,
  emit: Emitter,
) => [start, end, y.attributes.axis, step].map((value) => emit.int64s([value], [1]));

const reducing =
  (opType: string) =>
  (y: { attributes: { axes: readonly number[] } }, [x]: readonly string[], emit: Emitter) =>
    y.attributes.axes.length === 0
      ? (x ?? '')
      : emit.node(opType, [x ?? '', emit.int64s(y.attributes.axes)], { keepdims: 1 });

/**
 * The length of rows, in a batch of any size, that are added up as a product with ones. The runtime's own sum begins
 * at the next aligned address, so that rows of other lengths than these get another rounding in another place of the
 * batch; a row's score must not depend on the rows before it.
 */
function addedRowLength({ attributes: { axes } }: TensorOf<'reduceSum'>, shape: Shape): number | undefined {
  const length = shape.at(-1);
  const isRows = shape.length > 1 && typeof shape[0] === 'string' && axes.join() === String(shape.length - 1);
  return isRows && typeof length === 'number' && length > 1 && length % 16 !== 0 ? length : undefined;
}

export const lowerings: { readonly [Name in OperationName]: Lowering<Name> } = {
  input: (y) => y.attributes.name,
  constant: ({ attributes: { values }, shape }, _, emit) =>
    values instanceof BigInt64Array
      ? emit.int64s(values, dynamicShape(shape))
      : emit.floats(values, dynamicShape(shape)),

  negate: direct('Neg'),
  exp: direct('Exp'),
  log: direct('Log'),
  sqrt: direct('Sqrt'),
  absolute: direct('Abs'),
  tanh: direct('Tanh'),
  sigmoid: direct('Sigmoid'),
  // max(x, 0) - log(sigmoid(|x|)): every part has a vector kernel, which Softplus has not.
  softplus: (_, [x], emit) => {
    const tail = emit.node('Log', [emit.node('Sigmoid', [emit.node('Abs', [x ?? ''])])]);
    return emit.node('Sub', [emit.node('Relu', [x ?? '']), tail]);
  },
  relu: direct('Relu'),
  leakyRelu: (y, inputs, emit) => emit.node('LeakyRelu', inputs, { alpha: { float: y.attributes.slope } }),
  detach: (_, [x]) => x as string,
  // min(1, max(0, 3e38 x)): one pass where Greater or Sign and their casts take three times as long.
  isPositive: (_, inputs, emit) =>
    emit.node('HardSigmoid', inputs, { alpha: { float: 3e38 }, beta: { float: 0 } }),
  toFloat: (_, inputs, emit) => emit.node('Cast', inputs, { to: elementTypes.float32 }),
  toIndex: (_, inputs, emit) => emit.node('Cast', inputs, { to: elementTypes.int64 }),
  isMissing: (_, inputs, emit) =>
    emit.node('Cast', [emit.node('IsNaN', inputs)], { to: elementTypes.float32 }),
  replaceMissing: (_, [x, by], emit) =>
    emit.node('Where', [emit.node('IsNaN', [x ?? '']), by ?? '', x ?? '']),
  categoryCode: ({ attributes: { keys } }, inputs, emit) =>
    emit.node(`${machineLearningDomain}:LabelEncoder`, inputs, {
      keys_strings: { texts: keys },
      values_int64s: keys.map((_, code) => code),
      default_int64: keys.length,
    }),

  add: (y, inputs, emit) => {
    const product = productBeforeBias(y, emit.uses);
    return product ? lowerProduct(product, [inputs[1] ?? ''], emit) : elementwise('Add')(y, inputs, emit);
  },
  subtract: elementwise('Sub'),
  multiply: elementwise('Mul'),
  divide: elementwise('Div'),
  maximum: elementwise('Max'),
  minimum: elementwise('Min'),

  reduceSum: (y, inputs, emit) => {
    // Several times as fast over one long axis as over many, where only axes of length 1 are left.
    const isWhole = y.shape.length > 1 && y.shape.every((length) => length === 1);
    const length = addedRowLength(y, shapeOf(y, 0));
    if (length !== undefined) {
      return emit.node('MatMul', [
        inputs[0] ?? '',
        emit.floats(new Float32Array(length).fill(1), [length, 1]),
      ]);
    }
    if (!isWhole) return reducing('ReduceSum')(y, inputs, emit);
    const flat = reshapeTo(inputs[0] ?? '', [-1], emit);
    return reshapeTo(
      emit.node('ReduceSum', [flat, emit.int64s([0])], { keepdims: 1 }),
      dynamicShape(y.shape),
      emit,
    );
  },
  reduceMax: reducing('ReduceMax'),
  // One is found by one pass; several want a heap.
  smallest: (y, [x], emit) =>
    y.attributes.count === 1
      ? emit.node('ReduceMin', [x ?? '', emit.int64s([-1])], { keepdims: 1 })
      : topK(x ?? '', y.attributes.count, emit).values,
  smallestIndices: (y, [x], emit) =>
    y.attributes.count === 1
      ? emit.node('ArgMin', [x ?? ''], { axis: -1, keepdims: 1 })
      : topK(x ?? '', y.attributes.count, emit).indices,

  reshape: (y, [x], emit) => reshapeTo(x ?? '', dynamicShape(y.shape), emit),
  broadcast: (y, [x, like], emit) => {
    const known = y.shape.every((d) => typeof d === 'number');
    const shape = known ? emit.int64s(dynamicShape(y.shape)) : emit.node('Shape', [like ?? '']);
    return emit.node('Expand', [x ?? '', shape]);
  },
  transpose: (y, inputs, emit) => emit.node('Transpose', inputs, { perm: y.attributes.permutation }),
  concat: (y, inputs, emit) => emit.node('Concat', inputs, { axis: y.attributes.axis }),
  slice: (y, [x], emit) =>
    emit.node('Slice', [x ?? '', ...range(y, y.attributes.start, y.attributes.end, 1, emit)]),
  pad: (y, [x], emit) => {
    const { before, after } = y.attributes;
    const isCrop = [...before, ...after].every((n) => n <= 0);
    if (!isCrop) return emit.node('Pad', [x ?? '', emit.int64s([...before, ...after])]);
    // Slice crops up to eight times as fast as Pad.
    const axes = [...before.keys()].filter((axis) => before[axis] !== 0 || after[axis] !== 0);
    const starts = axes.map((axis) => -(before[axis] ?? 0));
    const ends = axes.map((axis) => fixed(shapeOf(y, 0), axis) + (after[axis] ?? 0));
    return emit.node('Slice', [x ?? '', emit.int64s(starts), emit.int64s(ends), emit.int64s(axes)]);
  },
  reverse: (y, [x], emit) =>
    emit.node('Slice', [x ?? '', ...range(y, -1, Number.MIN_SAFE_INTEGER, -1, emit)]),
  gatherRows: (_, inputs, emit) => emit.node('Gather', inputs, { axis: 0 }),

  matmul: (y, _, emit) => lowerProduct(y, [], emit),
  conv: (y, _, emit) => lowerProduct(y, [], emit),
  convWeight: (y, [x, g], emit) => {
    const [rows, columns, inputs, outputCount] = y.shape as [number, number, number, number];
    if (shrinksChannels(inputs, outputCount) && rows === columns && y.attributes.padding < rows) {
      return weightFromGradientWindows(y, x ?? '', g ?? '', emit);
    }
    const windows = patches(x ?? '', shapeOf(y, 0), rows, columns, y.attributes.padding, emit);
    const outputs = reshapeTo(g ?? '', [-1, fixed(y.shape, 3)], emit);
    return reshapeTo(emit.node('Gemm', [windows, outputs], { transA: 1 }), dynamicShape(y.shape), emit);
  },
};

function topK(x: string, count: number, emit: Emitter): { values: string; indices: string } {
  const values = emit.node('TopK', [x, emit.int64s([count], [1])], { axis: -1, largest: 0, sorted: 1 });
  return { values, indices: `${values}:indices` };
}
