// Adam against PyTorch's numbers (reference.py), the schedule at its ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { input } from '../../src/graph/operations.ts';
import {
  type AdamOptions,
  type AdamState,
  adamDefaults,
  adamRates,
  adamStep,
  cosineSchedule,
} from '../../src/nn/optimizer.ts';
import { evaluateGraph, openGraph } from '../evaluate-graph.ts';
import { largestDifference, reference, wave } from './reference.ts';

const rateInputs = {
  stepSize: input('stepSize', []),
  epsilon: input('epsilon', []),
  decay: input('decay', []),
  averageShare: input('averageShare', []),
};

/** Runs Adam on five weights in chunks of three and two, under gradients 2 cos(1.7 i + 0.9 step). */
async function runAdam(steps: number, rate: number, options: AdamOptions) {
  const chunks = [
    [0, 3],
    [3, 5],
  ] as const;
  const names = ['weights', 'first', 'second', ...(options.averageDecay > 0 ? ['average'] : [])] as const;
  const states = chunks.map(
    ([start, end], c) =>
      Object.fromEntries(
        names.map((name) => [name, input(`${name}${c}`, [end - start])]),
      ) as unknown as AdamState,
  );
  const next = adamStep(
    states,
    chunks.map(([start, end], c) => input(`gradient${c}`, [end - start])),
    rateInputs,
    options,
  );
  const outputs = Object.fromEntries(
    next.flatMap((state, c) => names.map((name) => [`next.${name}${c}`, state[name as keyof AdamState]!])),
  );
  const graph = await openGraph(outputs);
  const start = wave(5, 0.9, 0.1);
  let state: Record<string, ArrayLike<number>> = Object.fromEntries(
    chunks.flatMap(([from, to], c) =>
      names.map((name) => [
        `${name}${c}`,
        name === 'weights' || name === 'average' ? start.slice(from, to) : new Float64Array(to - from),
      ]),
    ),
  );
  for (let step = 1; step <= steps; step++) {
    const gradient = wave(5, 1.7, 0.9 * step).map((g) => 2 * g);
    const { decay, averageShare, ...rates } = adamRates(step, rate, options);
    const scalars = {
      ...rates,
      ...(options.weightDecay > 0 ? { decay } : {}),
      ...(options.averageDecay > 0 ? { averageShare } : {}),
    };
    const result = await graph.run({
      ...Object.fromEntries(
        Object.entries(state).map(([name, values]) => [name, { values, shape: [values.length] }]),
      ),
      ...Object.fromEntries(
        chunks.map(([from, to], c) => [
          `gradient${c}`,
          { values: gradient.slice(from, to), shape: [to - from] },
        ]),
      ),
      ...Object.fromEntries(
        Object.entries(scalars).map(([name, value]) => [name, { values: [value], shape: [] }]),
      ),
    });
    state = Object.fromEntries(
      Object.entries(result).map(([name, values]) => [name.slice('next.'.length), values]),
    );
  }
  await graph.close();
  const whole = (name: string) => chunks.flatMap((_, c) => Array.from(state[`${name}${c}`] ?? []));
  return { weights: whole('weights'), average: whole('average') };
}

for (const { rate, steps, weights, average, ...options } of reference.adam) {
  const { weightDecay, clipNorm, epsilon } = options;
  test(`Adam, weight decay ${weightDecay}, clipping at ${clipNorm}, epsilon ${epsilon}`, async () => {
    const result = await runAdam(steps, rate, options);
    // Weights of size 1 in float32, six steps of size 0.01; PyTorch adds 1e-6 to the norm before clipping.
    assert.ok(largestDifference(result.weights, weights) < 1e-6);
    assert.ok(largestDifference(result.average, average) < 1e-6);
  });
}

test('without averaging there is no average, and the weights are the same', async () => {
  const { rate, steps, weights, average, ...options } = reference.adam[1]!;
  const result = await runAdam(steps, rate, { ...options, averageDecay: 0 });
  assert.ok(largestDifference(result.weights, weights) < 1e-6);
  assert.deepEqual(result.average, []);
});

test('a first step moves every weight by the learning rate, whatever the gradient', async () => {
  const before = wave(5, 0.9, 0.1);
  const { weights } = await runAdam(1, 0.01, adamDefaults);
  const moves = weights.map((weight, i) => Math.abs(weight - before[i]!));
  assert.ok(largestDifference(moves, Array(5).fill(0.01)) < 1e-7);
});

test('a gradient that is zero throughout leaves weights where they are', async () => {
  const [state, next] = [
    { weights: input('w', [2]), first: input('m', [2]), second: input('v', [2]) },
    rateInputs,
  ];
  const options = { ...adamDefaults, clipNorm: 1 };
  const [{ weights }] = adamStep([state], [input('g', [2])], next, options) as [AdamState];
  const { stepSize, epsilon } = adamRates(1, 0.1, options);
  const zeros = { values: [0, 0], shape: [2] };
  const result = await evaluateGraph(
    { weights },
    {
      w: { values: [1, -2], shape: [2] },
      m: zeros,
      v: zeros,
      g: zeros,
      stepSize: { values: [stepSize], shape: [] },
      epsilon: { values: [epsilon], shape: [] },
    },
  );
  assert.deepEqual([...result.weights], [1, -2]);
});

test('the schedule warms up to its peak and ends at its floor', () => {
  const schedule = { peak: 2, warmup: 10, total: 110, floor: 0.1 };
  const at = (step: number) => cosineSchedule(step, schedule);
  assert.equal(at(0), 0);
  assert.equal(at(5), 1);
  assert.equal(at(10), 2);
  assert.ok(Math.abs(at(60) - 2 * 0.55) < 1e-12, 'half-way between peak and floor');
  assert.ok(Math.abs(at(110) - 0.2) < 1e-12);
  assert.ok(Math.abs(at(500) - 0.2) < 1e-12, 'stays there');
  for (let step = 10; step < 110; step++) assert.ok(at(step + 1) < at(step));
});

test('without warm-up the first step is nearly at the peak, and the floor is 0', () => {
  assert.ok(cosineSchedule(1, { peak: 1, warmup: 0, total: 1000 }) > 0.99999);
  assert.ok(Math.abs(cosineSchedule(1000, { peak: 1, warmup: 0, total: 1000 })) < 1e-12);
  assert.equal(cosineSchedule(1, { peak: 1, warmup: 1, total: 1 }), 1);
});
