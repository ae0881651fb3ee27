// Lowered graphs: names, shapes that are known late, and that nothing is computed twice.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import protobuf from 'protobufjs/light.js';
import { gradients } from '../../src/graph/gradients.ts';
import * as op from '../../src/graph/operations.ts';
import type { Tensor } from '../../src/graph/tensor.ts';
import { convolution, convolutionTransposed } from '../../src/nn/convolution.ts';
import { dense } from '../../src/nn/layers.ts';
import { initialize, layOut, type Scope, scopeOfValues } from '../../src/nn/parameters.ts';
import { createRandom } from '../../src/nn/random.ts';
import { lowerGraph } from '../../src/runtime/lower.ts';
import { compile, createBuffer } from '../../src/runtime/session.ts';
import { evaluateGraph } from '../evaluate-graph.ts';

interface Value {
  name: string;
  type: { tensorType: { elemType: number; shape: { dim: { dimValue?: number; dimParam?: string }[] } } };
}
interface Model {
  docString: string;
  metadataProps: { key: string; value: string }[];
  opsetImport: { domain: string; version: number }[];
  graph: {
    name: string;
    node: { opType: string; input: string[]; output: string[] }[];
    initializer: { name: string }[];
    input: Value[];
    output: Value[];
  };
}

// Field numbers of onnx.proto3, written again so that the test does not trust the writer's table.
const [one, many] = [
  (type: string, id: number) => ({ type, id }),
  (type: string, id: number) => ({ type, id, rule: 'repeated' }),
];
const ModelProto = protobuf.Root.fromJSON({
  nested: {
    Model: {
      fields: {
        docString: one('string', 6),
        graph: one('Graph', 7),
        opsetImport: many('Opset', 8),
        metadataProps: many('Entry', 14),
      },
    },
    Opset: { fields: { domain: one('string', 1), version: one('int64', 2) } },
    Entry: { fields: { key: one('string', 1), value: one('string', 2) } },
    Graph: {
      fields: {
        node: many('Node', 1),
        name: one('string', 2),
        initializer: many('Initializer', 5),
        input: many('Value', 11),
        output: many('Value', 12),
      },
    },
    Node: { fields: { input: many('string', 1), output: many('string', 2), opType: one('string', 4) } },
    Initializer: { fields: { name: one('string', 8) } },
    Value: { fields: { name: one('string', 1), type: one('Type', 2) } },
    Type: { fields: { tensorType: one('TensorType', 1) } },
    TensorType: { fields: { elemType: one('int32', 1), shape: one('Shape', 2) } },
    Shape: { fields: { dim: many('Dimension', 1) } },
    Dimension: { fields: { dimValue: one('int64', 1), dimParam: one('string', 2) } },
  },
}).lookupType('Model');
const readModel = (bytes: Uint8Array): Model =>
  ModelProto.toObject(ModelProto.decode(bytes), { longs: Number, arrays: true, defaults: false }) as Model;

const lowered = (outputs: Record<string, Tensor>) => readModel(lowerGraph(outputs)).graph;
const kinds = (outputs: Record<string, Tensor>): string[] =>
  lowered(outputs)
    .node.map(({ opType }) => opType)
    .sort();
const shapeOf = ({ type }: Value) => type.tensorType.shape.dim.map((d) => d.dimParam ?? d.dimValue);

describe('names', () => {
  const x = op.input('x', ['batch', 2]);
  const bytes = op.input('pixels', ['batch', 2], 'uint8');

  test('inputs and outputs keep theirs, with element types and symbolic lengths', () => {
    const { input, output } = lowered({
      sum: op.add(x, op.toFloat(bytes)),
      nearest: op.smallestIndices(x, 1),
    });
    const described = [...input, ...output].map((each) => [
      each.name,
      each.type.tensorType.elemType,
      shapeOf(each),
    ]);
    assert.deepEqual(described, [
      ['x', 1, ['batch', 2]],
      ['pixels', 2, ['batch', 2]],
      ['sum', 1, ['batch', 2]],
      ['nearest', 7, ['batch', 1]],
    ]);
  });

  test('an output may be an input, a constant, another output, or part of another', async () => {
    const doubled = op.multiply(x, 2);
    const outputs = {
      input: x,
      constant: op.constant(Float32Array.of(7, 8), [2]),
      doubled,
      again: doubled,
      equal: op.multiply(x, 2),
      more: op.add(doubled, 1),
      smallest: op.smallest(x, 2),
      places: op.smallestIndices(x, 2),
    };
    const result = await evaluateGraph(outputs, { x: { values: [3, 1], shape: [1, 2] } });
    assert.deepEqual(
      Object.values(result).map((values) => Array.from(values, Number)),
      [
        [3, 1],
        [7, 8],
        [6, 2],
        [6, 2],
        [6, 2],
        [7, 3],
        [1, 3],
        [1, 0],
      ],
    );
  });

  test('names that look like the names of values inside are still only names', async () => {
    const [a, b] = [op.input('v0', [1]), op.input('v1', [1])];
    const outputs = { v2: op.exp(op.multiply(op.add(a, b), 2)), v3: op.subtract(a, b) };
    const result = await evaluateGraph(outputs, {
      v0: { values: [1], shape: [1] },
      v1: { values: [-1], shape: [1] },
    });
    assert.deepEqual([result.v2[0], result.v3[0]], [1, 2]);
  });

  test('what the model is called and documented as', () => {
    const model = readModel(
      lowerGraph(
        { y: op.exp(x) },
        { name: 'detector', documentation: 'What it is.', metadata: { a: '1', b: '2' } },
      ),
    );
    assert.equal(model.graph.name, 'detector');
    assert.equal(model.docString, 'What it is.');
    assert.deepEqual(model.metadataProps, [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ]);
    assert.deepEqual(
      model.opsetImport.map(({ version }) => version),
      [18],
    );
  });
});

describe('nothing is computed twice', () => {
  const x = op.input('x', ['batch', 3]);

  test('equal subexpressions are emitted once', () => {
    const build = () => op.square(op.exp(op.multiply(x, 0.5)));
    assert.deepEqual(kinds({ y: op.add(build(), build()) }), ['Add', 'Exp', 'Mul', 'Mul']);
  });

  test('equal constants are stored once, unequal ones are not', () => {
    const ones = () => op.constant(Float32Array.of(1, 1, 1), [3]);
    const twos = op.constant(Float32Array.of(2, 2, 2), [3]);
    const { initializer } = lowered({ y: op.multiply(op.add(op.add(x, ones()), ones()), twos) });
    assert.equal(initializer.length, 2);
  });

  test('operations that differ in an attribute only stay two', () => {
    const square = op.input('s', [3, 3]);
    const both = op.add(op.matmul(square, square), op.matmul(square, square, { transposeA: true }));
    assert.deepEqual(kinds({ both }), ['Add', 'Gemm', 'Gemm']);
  });

  test('the patches of a convolution serve its gradient too', () => {
    const [images, kernel] = [op.input('i', ['batch', 5, 5, 2]), op.input('k', [3, 3, 2, 4])];
    const y = op.conv(images, kernel, 1);
    const [flow] = gradients(op.reduceSum(op.square(y)), [kernel]);
    const gathers = kinds({ y, flow: flow! }).filter((kind) => kind === 'Gather');
    assert.equal(gathers.length, 1);
  });
});

describe('a bias', () => {
  const [x, w, b] = [op.input('x', ['batch', 3]), op.input('w', [3, 4]), op.input('b', [4])];

  test('goes into its product', () => {
    const { node } = lowered({ y: op.relu(op.add(op.matmul(x, w), b)) });
    assert.deepEqual(
      node.map(({ opType, input }) => [opType, input.length]),
      [
        ['Gemm', 3],
        ['Relu', 1],
      ],
    );
    assert.deepEqual(node[0]?.input, ['x', 'w', 'b']);
  });

  test('goes into the product of a convolution', () => {
    const [images, kernel] = [op.input('i', ['batch', 5, 5, 2]), op.input('k', [3, 3, 2, 4])];
    assert.ok(!kinds({ y: op.add(op.conv(images, kernel), b) }).includes('Add'));
  });

  test('is added apart where the product is read by others too', () => {
    const product = op.matmul(x, w);
    const outputs = { y: op.add(product, b), product };
    assert.deepEqual(kinds(outputs), ['Add', 'Gemm']);
    const twice = op.add(op.add(product, b), op.exp(product));
    assert.deepEqual(kinds({ twice }), ['Add', 'Add', 'Exp', 'Gemm']);
  });

  test('that is no bias is added apart', () => {
    assert.deepEqual(kinds({ y: op.add(op.matmul(x, w), op.input('c', [1])) }), ['Add', 'Gemm']);
    assert.deepEqual(kinds({ y: op.add(op.matmul(x, w), op.input('m', ['batch', 4])) }), ['Add', 'Gemm']);
  });
});

const down = { kernel: 4, stride: 2, padding: 1, channels: 8 };

/** Rows [batch, 72] -> [batch, 18]. */
function encode(scope: Scope, x: Tensor): Tensor {
  const small = op.relu(convolution(scope, 'down', op.reshape(x, ['batch', 6, 6, 2]), down));
  return op.tanh(dense(scope, 'latent', op.reshape(small, ['batch', 72]), 18));
}

/** Every kind of layer, and operations that look at a row as a whole: [batch, 18] -> [batch, 39]. */
function decode(scope: Scope, latent: Tensor): Tensor {
  const seed = op.reshape(latent, ['batch', 3, 3, 2]);
  const grown = convolutionTransposed(scope, 'up', seed, { ...down, channels: 1 });
  const peak = op.reduceMax(op.absolute(grown), [1, 2, 3], true);
  const shares = op.divide(grown, op.broadcastLike(op.add(peak, 1), grown));
  return op.concat([op.reshape(shares, ['batch', 36]), op.smallest(latent, 3)], 1);
}

test('one model serves batches of any size, and rows do not touch each other', async () => {
  const x = op.input('x', ['batch', 72]);
  const layout = layOut((scope) => decode(scope, encode(scope, x)));
  const scope = scopeOfValues(layout, initialize(layout, 1));
  const latent = encode(scope, x);
  const y = decode(scope, latent);
  const [slope] = gradients(op.reduceSum(op.square(latent)), [x]);
  const session = await compile({ y, slope: slope! }, { threads: 1 });
  const random = createRandom('rows');
  const values = Float32Array.from({ length: 7 * 72 }, random.normal);
  const run = async (from: number, to: number) => {
    const rows = to - from;
    const fetches = {
      y: createBuffer(new Float32Array(rows * 39), [rows, 39]),
      slope: createBuffer(new Float32Array(rows * 72), [rows, 72]),
    };
    await session.run({ x: createBuffer(values.slice(from * 72, to * 72), [rows, 72]) }, fetches);
    return [...fetches.y.values, ...fetches.slope.values].map(Number);
  };
  const whole = await run(0, 7);
  for (const [from, to] of [
    [0, 1],
    [1, 3],
    [2, 7],
  ] as const) {
    const expected = [
      ...whole.slice(from * 39, to * 39),
      ...whole.slice(7 * 39 + from * 72, 7 * 39 + to * 72),
    ];
    const part = await run(from, to);
    assert.equal(part.length, expected.length);
    // Products of other sizes add up in another order.
    for (const [i, value] of expected.entries())
      assert.ok(Math.abs(part[i]! - value) < 1e-5 * (1 + Math.abs(value)));
  }
  await session.close();
});

test('a large array used twice is stored once', () => {
  const values = new Float32Array(10_000).fill(1);
  const x = op.input('x', ['batch', 100]);
  const product = () => op.matmul(x, op.constant(values, [100, 100]));
  const bytes = lowerGraph({ a: product(), b: op.add(op.relu(product()), 1) });
  assert.ok(bytes.length < 1.5 * values.byteLength, `${bytes.length} bytes`);
});
