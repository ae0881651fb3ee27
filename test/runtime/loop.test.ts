// A loop of steps inside the runtime equals running the step again and again, bit for bit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gradients } from '../../src/graph/gradients.ts';
import * as op from '../../src/graph/operations.ts';
import type { Tensor } from '../../src/graph/tensor.ts';
import { convolve } from '../../src/nn/convolution.ts';
import { adamDefaults, adamRates, adamStep } from '../../src/nn/optimizer.ts';
import { createRandom, fillNormal } from '../../src/nn/random.ts';
import { lowerLoop } from '../../src/runtime/lower.ts';
import { type Buffer, compile, compileLoop, createBuffer, type Values } from '../../src/runtime/session.ts';

const rows = 6;
const shapes = { kernel: [3, 3, 1, 4], weight: [36, 2], fixed: [2] };

/** A small training step: a convolution and a dense layer under Adam, and weights that it only reads. */
function trainingStep(): { outputs: Record<string, Tensor>; carried: Record<string, string> } {
  const images = op.multiply(op.toFloat(op.input('images', ['batch', 6, 6, 1], 'uint8')), 1 / 255);
  const noise = op.input('noise', ['batch', 2]);
  const [kernel, weight, fixed] = [
    op.input('kernel', shapes.kernel),
    op.input('weight', shapes.weight),
    op.input('fixed', shapes.fixed),
  ];
  const hidden = op.relu(convolve(images, kernel, 2, 1));
  const y = op.add(op.add(op.matmul(op.reshape(hidden, ['batch', 36]), weight), fixed), noise);
  const loss = op.reduceSum(op.square(y));
  const [forKernel, forWeight] = gradients(loss, [kernel, weight]);
  const scalars = { stepSize: op.input('stepSize', []), epsilon: op.input('epsilon', []) };
  const names = ['kernel', 'weight'] as const;
  const next = adamStep(
    [kernel, weight].map((weights, i) => ({
      weights,
      first: op.input(`${names[i]}.first`, weights.shape),
      second: op.input(`${names[i]}.second`, weights.shape),
    })),
    [forKernel!, forWeight!],
    { ...scalars, decay: op.constant(0), averageShare: op.constant(1) },
    { ...adamDefaults, clipNorm: 5 },
  );
  const states = next.flatMap(({ weights, first, second }, i) => [
    [names[i]!, weights],
    [`${names[i]}.first`, first],
    [`${names[i]}.second`, second],
  ]) as [string, Tensor][];
  const all = [...states, ['fixed', fixed]] as [string, Tensor][];
  return {
    outputs: { loss, ...Object.fromEntries(all.map(([name, tensor]) => [`next.${name}`, tensor])), y },
    carried: Object.fromEntries(all.map(([name]) => [`next.${name}`, name])),
  };
}

const stateShapes: Record<string, number[]> = Object.fromEntries([
  ...(['kernel', 'weight'] as const).flatMap((name) =>
    ['', '.first', '.second'].map((part) => [`${name}${part}`, shapes[name]]),
  ),
  ['fixed', shapes.fixed],
]);

function initialState(): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(stateShapes).map(([name, shape]) => {
      const values = new Float32Array(shape.reduce((product, length) => product * length, 1));
      const isMoment = name.includes('.');
      return [name, isMoment ? values : fillNormal(values, createRandom(name))];
    }),
  );
}

function stackedInputs(steps: number): Record<string, { values: Values; shape: number[] }> {
  const random = createRandom(`inputs of ${steps}`);
  const rates = Array.from({ length: steps }, (_, i) => adamRates(i + 1, 0.01, adamDefaults));
  return {
    images: {
      values: Uint8Array.from({ length: steps * rows * 36 }, () => random.integer(256)),
      shape: [rows, 6, 6, 1],
    },
    noise: { values: fillNormal(new Float32Array(steps * rows * 2), random), shape: [rows, 2] },
    stepSize: { values: Float32Array.from(rates, ({ stepSize }) => stepSize), shape: [] },
    epsilon: { values: Float32Array.from(rates, ({ epsilon }) => epsilon), shape: [] },
  };
}

const buffersOf = (state: Record<string, Float32Array>, prefix = ''): Record<string, Buffer> =>
  Object.fromEntries(
    Object.entries(state).map(([name, values]) => [prefix + name, createBuffer(values, stateShapes[name]!)]),
  );
const emptyState = () =>
  Object.fromEntries(
    Object.entries(initialState()).map(([name, { length }]) => [name, new Float32Array(length)]),
  );

/** What the steps give when each is a run of its own, copied from outputs to inputs. */
async function stepByStep(steps: number) {
  const { outputs } = trainingStep();
  const session = await compile(outputs, { threads: 1 });
  const inputs = stackedInputs(steps);
  let state = initialState();
  const [losses, ys] = [new Float32Array(steps), new Float32Array(steps * rows * 2)];
  for (let step = 0; step < steps; step++) {
    const feeds = Object.fromEntries(
      Object.entries(inputs).map(([name, { values, shape }]) => {
        const size = values.length / steps;
        return [name, createBuffer(values.slice(step * size, (step + 1) * size), shape)];
      }),
    );
    const [next, loss, y] = [emptyState(), new Float32Array(1), new Float32Array(rows * 2)];
    await session.run(
      { ...feeds, ...buffersOf(state) },
      { ...buffersOf(next, 'next.'), loss: createBuffer(loss, []), y: createBuffer(y, [rows, 2]) },
    );
    losses.set(loss, step);
    ys.set(y, step * rows * 2);
    state = next;
  }
  await session.close();
  return { state, losses, ys };
}

/** The same as one run; `isShared` reads and fills the same memory. */
async function asLoop(steps: number, isShared: boolean, blocks = 1) {
  const { outputs, carried } = trainingStep();
  const session = await compileLoop(outputs, carried, { threads: 1 });
  const inputs = stackedInputs(steps);
  let state = initialState();
  const [losses, ys] = [new Float32Array(steps), new Float32Array(steps * rows * 2)];
  for (let block = 0; block < blocks; block++) {
    const count = steps / blocks;
    const part = <V extends Values>(values: V): V => {
      const size = values.length / blocks;
      return values.subarray(block * size, (block + 1) * size) as V;
    };
    const feeds = Object.fromEntries(
      Object.entries(inputs).map(([name, { values, shape }]) => [
        name,
        createBuffer(part(values), [count, ...shape]),
      ]),
    );
    const next = isShared ? state : emptyState();
    await session.run(
      { ...feeds, ...buffersOf(state), steps: createBuffer(BigInt64Array.of(BigInt(count)), []) },
      {
        ...buffersOf(next, 'next.'),
        loss: createBuffer(part(losses), [count]),
        y: createBuffer(part(ys), [count, rows, 2]),
      },
    );
    state = next;
  }
  await session.close();
  return { state, losses, ys };
}

for (const steps of [1, 2, 9]) {
  test(`${steps} steps in one run equal ${steps} runs of one step`, async () => {
    const expected = await stepByStep(steps);
    assert.deepEqual(await asLoop(steps, false), expected);
    assert.deepEqual(await asLoop(steps, true), expected, 'reading and filling the same memory');
  });
}

test('steps in several runs equal steps in one, in shared memory', async () => {
  assert.deepEqual(await asLoop(12, true, 4), await asLoop(12, true));
});

test('every step moved the weights and left alone what it only reads', async () => {
  const { state, losses } = await asLoop(9, true);
  assert.notDeepEqual(state.kernel, initialState().kernel);
  assert.deepEqual(state.fixed, initialState().fixed);
  assert.ok(losses.every(Number.isFinite));
  assert.equal(new Set(losses).size, 9);
});

test('what is carried may be swapped, and the same value may be carried twice', async () => {
  // 'v0' is what the values inside are called, too.
  const [a, b] = [op.input('v0', [1]), op.input('v1', [1])];
  const sum = op.add(a, b);
  const outputs = { nextA: b, nextB: sum, shown: sum };
  const session = await compileLoop(outputs, { nextA: 'v0', nextB: 'v1' }, { threads: 1 });
  const [x, y, shown] = [Float32Array.of(0), Float32Array.of(1), new Float32Array(8)];
  const shared = { v0: createBuffer(x, [1]), v1: createBuffer(y, [1]) };
  await session.run(
    { ...shared, steps: createBuffer(BigInt64Array.of(8n), []) },
    { nextA: shared.v0, nextB: shared.v1, shown: createBuffer(shown, [8, 1]) },
  );
  await session.close();
  assert.deepEqual([...shown], [1, 2, 3, 5, 8, 13, 21, 34]);
  assert.deepEqual([x[0], y[0]], [21, 34]);
});

test('carrying to an input that the step does not have is refused', () => {
  const x = op.input('x', [1]);
  assert.throws(() => lowerLoop({ y: op.exp(x) }, { y: 'z' }), /no input 'z' to carry 'y' to/);
});
