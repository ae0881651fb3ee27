// Every gradient rule against central finite differences, first and second order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gradientRules, gradients } from '../../src/graph/gradients.ts';
import * as op from '../../src/graph/operations.ts';
import { elementCount, type OperationName, type Tensor, topologicalOrder } from '../../src/graph/tensor.ts';
import { convolve, convolveTransposed } from '../../src/nn/convolution.ts';
import { createRandom } from '../../src/nn/random.ts';
import { evaluateGraph, openGraph } from '../evaluate-graph.ts';

interface Case {
  shapes: number[][];
  build: (...x: Tensor[]) => Tensor;
  /** Inputs are drawn from this range; kinks and poles stay outside. */
  range?: [number, number];
}

const cases: Partial<Record<OperationName | string, Case>> = {
  negate: { shapes: [[2, 3]], build: op.negate },
  exp: { shapes: [[2, 3]], build: op.exp },
  log: { shapes: [[2, 3]], build: op.log, range: [0.5, 2] },
  sqrt: { shapes: [[2, 3]], build: op.sqrt, range: [0.5, 2] },
  absolute: { shapes: [[2, 3]], build: op.absolute, range: [-2, -0.5] },
  tanh: { shapes: [[2, 3]], build: op.tanh },
  sigmoid: { shapes: [[2, 3]], build: op.sigmoid },
  softplus: { shapes: [[2, 3]], build: op.softplus },
  relu: { shapes: [[2, 3]], build: op.relu, range: [0.5, 2] },
  leakyRelu: { shapes: [[2, 3]], build: (x) => op.leakyRelu(x) },
  add: { shapes: [[2, 3], [3]], build: op.add },
  subtract: {
    shapes: [
      [2, 1],
      [2, 3],
    ],
    build: op.subtract,
  },
  multiply: {
    shapes: [
      [4, 2, 3],
      [2, 1],
    ],
    build: op.multiply,
  },
  divide: { shapes: [[2, 3], [3]], build: op.divide, range: [0.5, 2] },
  maximum: { shapes: [[2, 3], [3]], build: op.maximum },
  minimum: { shapes: [[2, 3], [3]], build: op.minimum },
  replaceMissing: { shapes: [[2, 3], [3]], build: (x, by) => op.replaceMissing(x, by) },
  reduceSum: { shapes: [[2, 3, 4]], build: (x) => op.reduceSum(x, [0, 2]) },
  reduceMax: { shapes: [[2, 3]], build: (x) => op.reduceMax(x, [1]) },
  'log-sum-exp': { shapes: [[2, 3]], build: (x) => op.logSumExp(x, 1) },
  reshape: { shapes: [[2, 6]], build: (x) => op.reshape(x, [3, 4]) },
  broadcast: {
    shapes: [
      [2, 1],
      [2, 3],
    ],
    build: (x, y) => op.broadcastLike(x, y),
  },
  transpose: { shapes: [[2, 3, 4]], build: (x) => op.transpose(x, [2, 0, 1]) },
  concat: {
    shapes: [
      [2, 3],
      [2, 1],
    ],
    build: (x, y) => op.concat([x, y], 1),
  },
  slice: { shapes: [[2, 5]], build: (x) => op.slice(x, 1, 1, 4) },
  pad: { shapes: [[2, 4]], build: (x) => op.pad(x, [1, -1], [0, 2]) },
  reverse: { shapes: [[3, 2]], build: (x) => op.reverse(x, 0) },
  matmul: {
    shapes: [
      [2, 3],
      [3, 4],
    ],
    build: (a, b) => op.matmul(a, b),
  },
  'matmul, first transposed': {
    shapes: [
      [3, 2],
      [3, 4],
    ],
    build: (a, b) => op.matmul(a, b, { transposeA: true }),
  },
  'matmul, second transposed': {
    shapes: [
      [2, 3],
      [4, 3],
    ],
    build: (a, b) => op.matmul(a, b, { transposeB: true }),
  },
  'matmul, both transposed': {
    shapes: [
      [3, 2],
      [4, 3],
    ],
    build: (a, b) => op.matmul(a, b, { transposeA: true, transposeB: true }),
  },
  'product with bias': { shapes: [[2, 3], [3, 4], [4]], build: (a, b, c) => op.add(op.matmul(a, b), c) },
  conv: {
    shapes: [
      [2, 4, 5, 2],
      [3, 2, 2, 3],
    ],
    build: (x, k) => op.conv(x, k),
  },
  'conv, padded': {
    shapes: [
      [2, 4, 4, 2],
      [3, 3, 2, 3],
    ],
    build: (x, k) => op.conv(x, k, 1),
  },
  'conv, padded beyond its kernel': {
    shapes: [
      [1, 3, 3, 1],
      [2, 2, 1, 2],
    ],
    build: (x, k) => op.conv(x, k, 2),
  },
  convWeight: {
    shapes: [
      [2, 4, 4, 2],
      [2, 3, 3, 3],
    ],
    build: (x, g) => op.convWeight(x, g),
  },
  'convWeight, padded': {
    shapes: [
      [2, 3, 3, 2],
      [2, 4, 4, 1],
    ],
    build: (x, g) => op.convWeight(x, g, 1),
  },
  'conv to few channels': {
    shapes: [
      [2, 4, 3, 8],
      [2, 2, 8, 2],
    ],
    build: (x, k) => op.conv(x, k, 1),
  },
  'conv to few channels, not padded': {
    shapes: [
      [1, 4, 4, 4],
      [3, 2, 4, 1],
    ],
    build: (x, k) => op.conv(x, k),
  },
  'convWeight to few channels': {
    shapes: [
      [2, 4, 4, 4],
      [2, 3, 3, 1],
    ],
    build: (x, g) => op.convWeight(x, g),
  },
  'strided convolution': {
    shapes: [
      [1, 6, 6, 2],
      [4, 4, 2, 3],
    ],
    build: (x, k) => convolve(x, k, 2, 1),
  },
  'strided convolution, odd': {
    shapes: [
      [1, 7, 6, 1],
      [3, 3, 1, 2],
    ],
    build: (x, k) => convolve(x, k, 2, 1),
  },
  'transposed convolution': {
    shapes: [
      [1, 3, 3, 2],
      [4, 4, 2, 1],
    ],
    build: (x, k) => convolveTransposed(x, k, 2, 1),
  },
};
const flat: OperationName[] = ['input', 'isMissing', 'constant', 'isPositive', 'toFloat', 'detach'];
const scoresOnly: OperationName[] = ['toIndex', 'categoryCode', 'smallest', 'smallestIndices', 'gatherRows'];

/** A scalar that weighs every element differently, so that no error hides in a symmetric sum. */
function weigh(y: Tensor): Tensor {
  const count = elementCount(y.shape);
  const weights = Float32Array.from({ length: count }, (_, i) => Math.cos(1.7 * i + 0.3));
  return op.reduceSum(op.multiply(op.add(y, op.multiply(op.square(y), 0.3)), op.constant(weights, y.shape)));
}

function inputsOf({ shapes, range = [-1, 1] }: Case, name: string) {
  const random = createRandom(name);
  return shapes.map((shape, i) => ({
    tensor: op.input(`x${i}`, shape),
    feed: {
      shape,
      values: Float64Array.from(
        { length: elementCount(shape) },
        () => range[0] + (range[1] - range[0]) * random.uniform(),
      ),
    },
  }));
}

/** The largest difference between symbolic and central-difference gradients, relative to their size. */
async function gradientError(loss: Tensor, inputs: ReturnType<typeof inputsOf>): Promise<number> {
  const flows = gradients(
    loss,
    inputs.map(({ tensor }) => tensor),
  );
  const base = Object.fromEntries(inputs.map(({ feed }, i) => [`x${i}`, feed]));
  const used = topologicalOrder([loss]);
  const feedsFor = (names: Tensor[], feeds: typeof base) =>
    Object.fromEntries(Object.entries(feeds).filter(([, __], i) => names.includes(inputs[i]!.tensor)));
  const symbolic = await evaluateGraph(
    Object.fromEntries(flows.map((flow, i) => [`g${i}`, flow])),
    feedsFor(topologicalOrder(flows), base),
  );
  const graph = await openGraph({ loss });
  let [worst, scale] = [0, 1];
  for (const [i, { feed }] of inputs.entries()) {
    if (!used.includes(inputs[i]!.tensor)) continue;
    for (let j = 0; j < feed.values.length; j++) {
      const step = 1e-2;
      const at = async (shift: number) => {
        const values = Float64Array.from(feed.values);
        values[j]! += shift;
        const out = await graph.run(feedsFor(used, { ...base, [`x${i}`]: { ...feed, values } }));
        return out.loss[0]!;
      };
      // Fourth-order central difference, so that a step large enough for float32 stays accurate.
      const slope =
        (8 * ((await at(step)) - (await at(-step))) - ((await at(2 * step)) - (await at(-2 * step)))) /
        (12 * step);
      worst = Math.max(worst, Math.abs(slope - symbolic[`g${i}`]![j]!));
      scale = Math.max(scale, Math.abs(slope));
    }
  }
  await graph.close();
  return worst / scale;
}

test('every operation has a gradient case, or is known to be flat or for scores only', () => {
  const covered = new Set([...Object.keys(cases), ...flat, ...scoresOnly]);
  assert.deepEqual(
    Object.keys(gradientRules).filter((name) => !covered.has(name)),
    [],
  );
});

for (const [name, entry] of Object.entries(cases)) {
  if (entry === undefined) continue;
  test(`${name}: first derivative`, async () => {
    const inputs = inputsOf(entry, name);
    const loss = weigh(entry.build(...inputs.map(({ tensor }) => tensor)));
    assert.ok((await gradientError(loss, inputs)) < 2e-3);
  });
  test(`${name}: second derivative`, async () => {
    const inputs = inputsOf(entry, name);
    const tensors = inputs.map(({ tensor }) => tensor);
    const flows = gradients(weigh(entry.build(...tensors)), tensors);
    const loss = flows.map(weigh).reduce((sum, each) => op.add(sum, each));
    assert.ok((await gradientError(loss, inputs)) < 5e-3);
  });
}

test('a gradient penalty through two convolutions', async () => {
  const shapes = [
    [2, 6, 6, 1],
    [3, 3, 1, 2],
    [3, 3, 2, 1],
  ];
  const inputs = inputsOf({ shapes, build: op.add }, 'penalty');
  const [x, first, second] = inputs.map(({ tensor }) => tensor) as [Tensor, Tensor, Tensor];
  const critic = op.reduceSum(convolve(op.tanh(convolve(x, first, 2, 1)), second, 1, 1));
  const [slope] = gradients(critic, [x]) as [Tensor];
  const norm = op.sqrt(op.add(op.reduceSum(op.square(slope), [1, 2, 3]), 1e-6));
  const penalty = op.reduceSum(op.square(op.subtract(norm, 1)));
  assert.ok((await gradientError(penalty, inputs)) < 5e-3);
});

test('operations for scores say so instead of giving a wrong gradient', () => {
  const x = op.input('x', [2, 3]);
  assert.throws(() => gradients(op.reduceSum(op.smallest(x, 2)), [x]), /smallest has no gradient/);
});

test('a gradient of something that is no scalar is refused', () => {
  const x = op.input('x', [2, 3]);
  assert.throws(() => gradients(x, [x]), /needs a scalar loss, got \[2, 3\]/);
});
