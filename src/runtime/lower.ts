// From symbolic tensors to an ONNX model, run once or as a loop of steps inside the runtime.
// Equal subexpressions are emitted once, so the image patches of a forward pass serve its backward pass too.
import {
  type OperationName,
  type Shape,
  type Tensor,
  type TensorOf,
  topologicalOrder,
} from '../graph/tensor.ts';
import {
  type Attribute,
  type Emitter,
  elementTypes,
  type Lowering,
  lowerings,
  machineLearningDomain,
  productBeforeBias,
} from './lowerings.ts';
import {
  encodeModel,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValueInfo,
} from './onnx-schema.ts';

const opsetVersion = 18;
const machineLearningVersion = 3;
const irVersion = 8;
const booleanType = 9;

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
): Uint8Array {
  return encode(graphOf(outputs, ''), description);
}

/**
 * Lowers a step that is to run many times in a row inside the runtime, so that what it passes on never leaves it.
 * `carried` maps an output's name to the input that it becomes in the next step. Every other input and output
 * gains a leading dimension 'steps'; the input `steps` (int64 scalar) says how many there are.
 */
export function lowerLoop(
  outputs: Readonly<Record<string, Tensor>>,
  carried: Readonly<Record<string, string>>,
): Uint8Array {
  const body = graphOf(outputs, 'step/');
  const isCarried = (name: string): boolean => Object.values(carried).includes(name);
  const outerInputs = body.input.map((info) => ({ ...info, name: info.name.slice('step/'.length) }));
  const stacked = outerInputs.filter(({ name }) => !isCarried(name));
  const states = Object.entries(carried).map(([output, name]) => {
    const info = outerInputs.find((each) => each.name === name);
    if (info === undefined) throw new RangeError(`The step has no input '${name}' to carry '${output}' to.`);
    return { output, info };
  });
  const collected = body.output.filter(({ name }) => !(name.slice('step/'.length) in carried));
  const iteration = valueInfo('iteration', 'int64', []);
  const condition: OnnxValueInfo = { ...valueInfo('condition', 'int64', []) };
  condition.type.tensorType.elemType = booleanType;
  const picks = stacked.map(
    ({ name }): OnnxNode => ({
      opType: 'Gather',
      input: [name, 'iteration'],
      output: [`step/${name}`],
      attribute: [onnxAttribute(['axis', 0])],
    }),
  );
  const stateOutput = (name: string): OnnxValueInfo =>
    body.output.find((each) => each.name === `step/${name}`) as OnnxValueInfo;
  const loopBody: OnnxGraph = {
    ...body,
    node: [{ opType: 'Identity', input: ['condition'], output: ['goOn'] }, ...picks, ...body.node],
    input: [iteration, condition, ...states.map(({ info }) => ({ ...info, name: `step/${info.name}` }))],
    output: [
      { ...condition, name: 'goOn' },
      ...states.map(({ output }) => stateOutput(output)),
      ...collected,
    ],
  };
  const leading = (info: OnnxValueInfo): OnnxValueInfo => {
    const { elemType, shape } = info.type.tensorType;
    return {
      ...info,
      type: { tensorType: { elemType, shape: { dim: [{ dimParam: 'steps' }, ...shape.dim] } } },
    };
  };
  const results = collected.map((info) => leading({ ...info, name: info.name.slice('step/'.length) }));
  return encode(
    {
      name: 'oddity',
      node: [
        {
          opType: 'Loop',
          input: ['steps', 'always', ...states.map(({ info }) => info.name)],
          output: [...states.map(({ output }) => output), ...results.map(({ name }) => name)],
          attribute: [{ name: 'body', type: 5, g: loopBody }],
        },
      ],
      initializer: [{ name: 'always', dataType: booleanType, dims: [], rawData: Uint8Array.of(1) }],
      input: [valueInfo('steps', 'int64', []), ...stacked.map(leading), ...states.map(({ info }) => info)],
      output: [...states.map(({ output, info }) => ({ ...info, name: output })), ...results],
    },
    {},
  );
}

/** The nodes, constants and ends of a graph; `prefix` sets its inputs and outputs apart from an outer graph's. */
function graphOf(outputs: Readonly<Record<string, Tensor>>, prefix: string): OnnxGraph {
  const order = topologicalOrder(Object.values(outputs));
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const memo = new Map<string, string>();
  const names = new Map<Tensor, string>();
  const useCounts = new Map<Tensor, number>();
  for (const tensor of [...order.flatMap((each) => each.inputs), ...Object.values(outputs)]) {
    useCounts.set(tensor, (useCounts.get(tensor) ?? 0) + 1);
  }

  const taken = new Set([
    ...Object.keys(outputs),
    ...order.flatMap((each) => (each.operation === 'input' ? [each.attributes.name] : [])),
  ]);
  let nameCount = 0;
  const freshName = (): string => {
    const name = `v${nameCount++}`;
    return taken.has(name) ? freshName() : name;
  };
  const remember = (key: string, make: (name: string) => void): string => {
    const known = memo.get(key);
    if (known !== undefined) return known;
    const name = freshName();
    memo.set(key, name);
    make(name);
    return name;
  };
  const memories: ArrayBufferLike[] = [];
  const initializer = (dataType: number, dims: readonly number[], rawData: Uint8Array): string => {
    // Small constants are told apart by what they hold, large ones by where they lie.
    let content = `${rawData.length <= 8192 ? rawData : ''}`;
    if (content === '') {
      if (!memories.includes(rawData.buffer)) memories.push(rawData.buffer);
      content = `memory ${memories.indexOf(rawData.buffer)} from ${rawData.byteOffset}`;
    }
    const key = `${dataType}|${dims}|${content}`;
    return remember(key, (name) => initializers.push({ name, dataType, dims: [...dims], rawData }));
  };
  const emit: Emitter = {
    node: (opType, inputs, attributes = {}) =>
      remember(`${opType}(${inputs})${JSON.stringify(attributes)}`, (name) => {
        const output = opType === 'TopK' ? [name, `${name}:indices`] : [name];
        const [domain, type] = opType.includes(':') ? opType.split(':') : [undefined, opType];
        nodes.push({
          opType: type ?? opType,
          ...(domain === undefined ? {} : { domain }),
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
    const name = lowering(tensor as TensorOf<OperationName>, inputs, emit);
    names.set(tensor, tensor.operation === 'input' ? prefix + name : name);
  }

  // Values take their output's name; a value that is an input, a constant or an output twice is copied.
  const renamed = new Map<string, string>();
  const produced = new Set(nodes.flatMap((each) => each.output));
  for (const [name, tensor] of Object.entries(outputs)) {
    const value = names.get(tensor) ?? '';
    if (produced.has(value) && !renamed.has(value)) renamed.set(value, prefix + name);
    else nodes.push({ opType: 'Identity', input: [value], output: [prefix + name] });
  }
  const rename = (name: string): string => renamed.get(name) ?? name;
  const node = nodes.map((each) => ({
    ...each,
    input: each.input.map(rename),
    output: each.output.map(rename),
  }));

  const inputs = order.flatMap((each) =>
    each.operation === 'input' ? [valueInfo(prefix + each.attributes.name, each.dtype, each.shape)] : [],
  );
  return {
    name: 'oddity',
    node,
    initializer: initializers,
    input: inputs,
    output: Object.entries(outputs).map(([name, { dtype, shape }]) => valueInfo(prefix + name, dtype, shape)),
  };
}

function encode(graph: OnnxGraph, { name, documentation, metadata = {} }: ModelDescription): Uint8Array {
  return encodeModel({
    irVersion,
    producerName: 'oddity',
    opsetImport: [
      { domain: '', version: opsetVersion },
      ...(graph.node.some((node) => node.domain === machineLearningDomain)
        ? [{ domain: machineLearningDomain, version: machineLearningVersion }]
        : []),
    ],
    docString: documentation ?? '',
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: { ...graph, name: name ?? graph.name },
  });
}

function valueInfo(name: string, dtype: keyof typeof elementTypes, shape: Shape): OnnxValueInfo {
  const dim = shape.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d }));
  return { name, type: { tensorType: { elemType: elementTypes[dtype], shape: { dim } } } };
}

function onnxAttribute([name, value]: [string, Attribute]): OnnxAttribute {
  if (typeof value === 'number') return { name, type: 2, i: value };
  if ('float' in value) return { name, type: 1, f: value.float };
  if ('texts' in value) {
    return { name, type: 8, strings: value.texts.map((text) => new TextEncoder().encode(text)) };
  }
  return { name, type: 7, ints: [...value] };
}

function bytesOf(values: Float32Array | BigInt64Array | Int32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
