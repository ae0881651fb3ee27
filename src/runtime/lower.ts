// From symbolic tensors to an ONNX model: one lowering rule per operation.
// Equal subexpressions are emitted once, so the image patches of a forward pass serve its backward pass too.
import {
  elementCount,
  type OperationName,
  type Shape,
  type Tensor,
  type TensorOf,
  topologicalOrder,
} from '../graph/tensor.ts';
import {
  encodeModel,
  type OnnxAttribute,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo,
} from './onnx-schema.ts';

const opsetVersion = 18;
const irVersion = 8;
const elementTypes = { float32: 1, uint8: 2, int64: 7 } as const;

/** Collects ONNX nodes; asking twice for the same node gives the same value name. */
interface Emitter {
  node(
    opType: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, number | readonly number[]>>,
  ): string;
  floats(values: Float32Array, shape: readonly number[]): string;
  int64s(values: readonly number[] | BigInt64Array, shape?: readonly number[]): string;
  int32s(values: readonly number[]): string;
  /** How many operations read a tensor. */
  uses(tensor: Tensor): number;
  /** The value name of a tensor that was lowered before. */
  name(tensor: Tensor): string;
}

type Lowering<Name extends OperationName> = (
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
  const border = [0, padding, padding, 0];
  const padded = padding === 0 ? x : emit.node('Pad', [x, emit.int64s([...border, ...border])]);
  const [paddedHeight, paddedWidth] = [height + 2 * padding, width + 2 * padding];
  const indices: number[] = [];
  for (let top = 0; top <= paddedHeight - rows; top++) {
    for (let left = 0; left <= paddedWidth - columns; left++) {
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          indices.push((top + row) * paddedWidth + left + column);
        }
      }
    }
  }
  const pixels = reshapeTo(padded, [-1, paddedHeight * paddedWidth, channels], emit);
  const gathered = emit.node('Gather', [pixels, emit.int32s(indices)], { axis: 1 });
  return reshapeTo(gathered, [-1, rows * columns * channels], emit);
}

/** The product whose bias `y` adds, where nothing else reads that product. */
function productBeforeBias(
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
  const windows = patches(a, shapeOf(y, 0), rows, columns, y.attributes.padding, emit);
  const matrix = reshapeTo(b, [rows * columns * inputs, outputs], emit);
  return reshapeTo(emit.node('Gemm', [windows, matrix, ...bias]), dynamicShape(y.shape), emit);
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

const lowerings: { readonly [Name in OperationName]: Lowering<Name> } = {
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
  // Through bool and back: twice as fast as Sign or Greater, and Relu is there already.
  isPositive: (_, [x], emit) => {
    const truth = emit.node('Cast', [emit.node('Relu', [x ?? ''])], { to: 9 });
    return emit.node('Cast', [truth], { to: elementTypes.float32 });
  },
  toFloat: (_, inputs, emit) => emit.node('Cast', inputs, { to: elementTypes.float32 }),

  add: (y, inputs, emit) => {
    const product = productBeforeBias(y, emit.uses);
    return product ? lowerProduct(product, [inputs[1] ?? ''], emit) : emit.node('Add', inputs);
  },
  subtract: direct('Sub'),
  multiply: direct('Mul'),
  divide: direct('Div'),
  maximum: direct('Max'),
  minimum: direct('Min'),

  reduceSum: reducing('ReduceSum'),
  reduceMax: reducing('ReduceMax'),
  smallest: (y, [x], emit) => topK(x ?? '', y.attributes.count, emit).values,
  smallestIndices: (y, [x], emit) => topK(x ?? '', y.attributes.count, emit).indices,

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
  pad: (y, [x], emit) =>
    emit.node('Pad', [x ?? '', emit.int64s([...y.attributes.before, ...y.attributes.after])]),
  reverse: (y, [x], emit) =>
    emit.node('Slice', [x ?? '', ...range(y, -1, Number.MIN_SAFE_INTEGER, -1, emit)]),
  gatherRows: (_, inputs, emit) => emit.node('Gather', inputs, { axis: 0 }),

  matmul: (y, _, emit) => lowerProduct(y, [], emit),
  conv: (y, _, emit) => lowerProduct(y, [], emit),
  convWeight: (y, [x, g], emit) => {
    const [rows, columns] = [fixed(y.shape, 0), fixed(y.shape, 1)];
    const windows = patches(x ?? '', shapeOf(y, 0), rows, columns, y.attributes.padding, emit);
    const outputs = reshapeTo(g ?? '', [-1, fixed(y.shape, 3)], emit);
    return reshapeTo(emit.node('Gemm', [windows, outputs], { transA: 1 }), dynamicShape(y.shape), emit);
  },
};

function topK(x: string, count: number, emit: Emitter): { values: string; indices: string } {
  const values = emit.node('TopK', [x, emit.int64s([count], [1])], { axis: -1, largest: 0, sorted: 1 });
  return { values, indices: `${values}:indices` };
}

/** What a lowered graph is called and documented as. */
export interface ModelDescription {
  readonly name?: string;
  readonly documentation?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Lowers the graph that computes `outputs` and serialises it as an .onnx file (opset 18).
 * Inputs keep the names they were given; symbolic dimensions stay symbolic.
 */
export function lowerGraph(
  outputs: Readonly<Record<string, Tensor>>,
  description: ModelDescription = {},
): Uint8Array<ArrayBufferLike> {
  const order = topologicalOrder(Object.values(outputs));
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const memo = new Map<string, string>();
  const names = new Map<Tensor, string>();
  const useCounts = new Map<Tensor, number>();
  for (const tensor of [...order.flatMap((each) => each.inputs), ...Object.values(outputs)]) {
    useCounts.set(tensor, (useCounts.get(tensor) ?? 0) + 1);
  }

  const remember = (key: string, make: (name: string) => void): string => {
    const known = memo.get(key);
    if (known !== undefined) return known;
    const name = `v${memo.size}`;
    memo.set(key, name);
    make(name);
    return name;
  };
  const initializer = (dataType: number, dims: readonly number[], rawData: Uint8Array): string => {
    const key = rawData.length <= 8192 ? `${dataType}|${dims}|${rawData}` : `large ${initializers.length}`;
    return remember(key, (name) => initializers.push({ name, dataType, dims: [...dims], rawData }));
  };
  const emit: Emitter = {
    node: (opType, inputs, attributes = {}) =>
      remember(`${opType}(${inputs})${JSON.stringify(attributes)}`, (name) => {
        const output = opType === 'TopK' ? [name, `${name}:indices`] : [name];
        nodes.push({
          opType,
          input: [...inputs],
          output,
          attribute: Object.entries(attributes).map(onnxAttribute),
        });
      }),
    floats: (values, shape) => initializer(elementTypes.float32, shape, bytesOf(values)),
    int64s: (values, shape = [values.length]) =>
      initializer(elementTypes.int64, shape, bytesOf(BigInt64Array.from(values as Iterable<number>, BigInt))),
    int32s: (values) => initializer(6, [values.length], bytesOf(Int32Array.from(values))),
    uses: (tensor) => useCounts.get(tensor) ?? 0,
    name: (tensor) => names.get(tensor) ?? '',
  };

  const fused = new Set(order.map((tensor) => productBeforeBias(tensor, emit.uses)));
  for (const tensor of order) {
    if (fused.has(tensor as TensorOf<'matmul' | 'conv'>)) continue;
    const lowering = lowerings[tensor.operation] as Lowering<OperationName>;
    const inputs = tensor.inputs.map((each) => names.get(each) ?? '');
    names.set(tensor, lowering(tensor as TensorOf<OperationName>, inputs, emit));
  }

  // Values take their output's name; a value that is an input, a constant or an output twice is copied.
  const renamed = new Map<string, string>();
  const produced = new Set(nodes.flatMap((each) => each.output));
  for (const [name, tensor] of Object.entries(outputs)) {
    const value = names.get(tensor) ?? '';
    if (produced.has(value) && !renamed.has(value)) renamed.set(value, name);
    else nodes.push({ opType: 'Identity', input: [value], output: [name] });
  }
  const rename = (name: string): string => renamed.get(name) ?? name;
  const node = nodes.map((each) => ({
    ...each,
    input: each.input.map(rename),
    output: each.output.map(rename),
  }));

  return encodeModel({
    irVersion,
    producerName: 'oddity',
    opsetImport: [{ domain: '', version: opsetVersion }],
    docString: description.documentation ?? '',
    metadataProps: Object.entries(description.metadata ?? {}).map(([key, value]) => ({ key, value })),
    graph: {
      name: description.name ?? 'oddity',
      node,
      initializer: initializers,
      input: order
        .filter((each) => each.operation === 'input')
        .map((each) => valueInfo(inputName(each), each)),
      output: Object.entries(outputs).map(([name, tensor]) => valueInfo(name, tensor)),
    },
  });
}

const inputName = (tensor: Tensor): string => (tensor.operation === 'input' ? tensor.attributes.name : '');

function valueInfo(name: string, { dtype, shape }: Tensor): OnnxValueInfo {
  const dim = shape.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d }));
  return { name, type: { tensorType: { elemType: elementTypes[dtype], shape: { dim } } } };
}

function onnxAttribute([name, value]: [string, number | readonly number[]]): OnnxAttribute {
  return typeof value === 'number' ? { name, type: 2, i: value } : { name, type: 7, ints: [...value] };
}

function bytesOf(values: Float32Array | BigInt64Array | Int32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** The bytes that one array of this shape takes; throws where the shape is not known. */
export function byteLength(tensor: Tensor): number {
  return elementCount(tensor.shape) * { float32: 4, uint8: 1, int64: 8 }[tensor.dtype];
}
