// The order of a step: every optimiser sees the weights that the one before left, and differentiates none of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStepper } from '../../src/detect/training-step.ts';
import { multiply, reduceSum, square, subtract } from '../../src/graph/operations.ts';
import { imageDomain } from '../../src/models/image-domain.ts';
import type { Phase, Trainable } from '../../src/models/model.ts';
import { adamDefaults, adamRates } from '../../src/nn/optimizer.ts';
import type { Scope } from '../../src/nn/parameters.ts';

test('phases take turns: fresh weights of the others, no gradient through their update', async () => {
  const weight = (scope: Scope, name: string) => scope.parameter(name, [1], { kind: 'constant', value: 1 });
  const phase = (name: string, losses: (scope: Scope) => ReturnType<typeof reduceSum>): Phase => ({
    name,
    owns: (parameter) => parameter === name,
    losses: (scope) => ({ total: losses(scope), parts: { [name]: losses(scope) } }),
  });
  // a: (a - b)^2 with b = 3; then b: a * b, whose gradient is the new a, not one through a's update by b.
  const model: Trainable = {
    domain: imageDomain([1, 1, 1]),
    classes: 0,
    stages: [
      {
        name: 'both',
        share: 1,
        noise: {},
        schedules: {},
        phases: [
          phase('a', (scope) => reduceSum(square(subtract(weight(scope, 'a'), weight(scope, 'b'))))),
          phase('b', (scope) => reduceSum(multiply(weight(scope, 'a'), weight(scope, 'b')))),
        ],
      },
    ],
  };
  const stage = model.stages[0]!;
  const initial = {
    weights: Float32Array.of(1, 3),
    first: new Float32Array(2),
    second: new Float32Array(2),
  };
  const stepper = await createStepper(model, stage, initial, adamDefaults, { threads: 1 });
  const { stepSize, epsilon, decay, averageShare } = adamRates(1, 0.5, adamDefaults);
  const parts = await stepper.run({
    steps: 1,
    rows: 1,
    values: new Uint8Array(1),
    noise: {},
    schedules: {},
    rates: {
      stepSize: Float32Array.of(stepSize),
      epsilon: Float32Array.of(epsilon),
      decay: Float32Array.of(decay),
      averageShare: Float32Array.of(averageShare),
    },
  });
  await stepper.close();
  // Adam's first step has the size of the learning rate: a goes from 1 up to 1.5.
  assert.ok(Math.abs(stepper.state.weights[0]! - 1.5) < 1e-6);
  assert.equal(parts.a![0], 4);
  assert.ok(Math.abs(parts.b![0]! - 4.5) < 1e-5);
  // The first moment holds b's gradient: the new a.
  assert.ok(Math.abs(stepper.state.first[1]! - 1.5) < 1e-6, String(stepper.state.first[1]));
});
