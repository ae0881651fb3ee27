// What every generative model must do. A new row in models/index.ts is tested here without a change.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDigits } from '../../src/data/digits.ts';
import { selectRows } from '../../src/data/select.ts';
import { type FitOptions, finalWeights, fit, initialState } from '../../src/detect/fit.ts';
import { storedImages } from '../../src/detect/image-modality.ts';
import { layoutOf } from '../../src/detect/training-step.ts';
import { input } from '../../src/graph/operations.ts';
import { imageDomain } from '../../src/models/image-domain.ts';
import { models } from '../../src/models/index.ts';
import type { GenerativeModel } from '../../src/models/model.ts';
import { adamDefaults } from '../../src/nn/optimizer.ts';
import { scopeOfValues } from '../../src/nn/parameters.ts';
import { createRandom, fillNormal } from '../../src/nn/random.ts';
import { evaluateGraph } from '../evaluate-graph.ts';

/** Options beyond the defaults that a row must hold under too. */
const variants: Record<string, Record<string, unknown>[]> = {
  vae: [
    { architecture: 'mlp', latentDim: 4 },
    { architecture: 'conv', latentDim: 4 },
    { latentDim: 4, classes: 10 },
    { latentDim: 4, likelihood: 'gaussian', beta: 2, freeBits: 0.1, denoise: 0.2, betaWarmup: 0.5 },
  ],
  dcgan: [
    { latentDim: 4, searchSteps: 2, searchCandidates: 20 },
    { latentDim: 4, searchSteps: 2, searchCandidates: 20, classes: 10, objective: 'r1' },
    { latentDim: 4, searchSteps: 0, searchCandidates: 20, classes: 10, objective: 'hinge' },
    { latentDim: 4, searchSteps: 1, searchCandidates: 20, objective: 'wgan-gp' },
  ],
  fanogan: [{ latentDim: 4, objective: 'relativistic' }],
  vaegan: [
    { architecture: 'mlp', latentDim: 4 },
    { architecture: 'conv', latentDim: 4, objective: 'hinge', boundSamples: 2 },
    { latentDim: 4, classes: 10 },
  ],
  bigan: [{ latentDim: 4 }, { latentDim: 4, cycle: 0, objective: 'wgan-gp' }],
  alad: [{ latentDim: 4 }, { latentDim: 4, spectralNorm: false, objective: 'wgan-gp' }],
  ganomaly: [{ latentDim: 4 }, { latentDim: 4, priorWeight: 0, deception: 'verdict', objective: 'hinge' }],
};
const rows = selectRows(createDigits({ seed: 5, trainCount: 330, testCount: 10 }).train, [
  ...Array(330).keys(),
]);
const options: FitOptions = {
  epochs: 3,
  batchSize: 64, // 330 rows: the last batch has 10
  learningRate: 2e-3,
  warmup: 0.1,
  adam: adamDefaults,
  seed: 1,
  session: { threads: 1 },
};

async function run(model: GenerativeModel) {
  const seen: { rows: number; losses: Record<string, number>[] } = { rows: 0, losses: [] };
  const training = fit(model, storedImages(rows), options);
  for (;;) {
    const { done, value } = await training.next();
    if (done) return { ...seen, weights: finalWeights(value) };
    if (value.kind === 'step') seen.rows += value.rows;
    else seen.losses.push({ ...value.losses });
  }
}

const meanRow = Float64Array.from(
  { length: 784 },
  (_, i) =>
    Array.from({ length: 330 }, (_, row) => rows.pixels[784 * row + i]!).reduce((a, b) => a + b) / 330 / 255,
);
const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.sqrt(Array.from(a, (value, i) => (value - b[i]!) ** 2).reduce((x, y) => x + y));

/** The mean of 50 drawn images. */
async function meanDrawn(model: GenerativeModel, weights: Float32Array): Promise<Float64Array> {
  const count = 50;
  const latent = input('latent', ['batch', model.latentDim]);
  const labels = model.classes > 0 ? input('labels', ['batch', model.classes]) : undefined;
  const draws = fillNormal(new Float32Array(count * model.latentDim), createRandom(2));
  const oneHot = Array.from({ length: count * model.classes }, (_, i) =>
    Number(i % model.classes === Math.floor(i / model.classes) % model.classes),
  );
  const { drawn } = await evaluateGraph(
    { drawn: model.decode(scopeOfValues(layoutOf(model), weights), latent, labels) },
    {
      latent: { values: draws, shape: [count, model.latentDim] },
      ...(labels ? { labels: { values: oneHot, shape: [count, model.classes] } } : {}),
    },
    count,
  );
  return Float64Array.from({ length: 784 }, (_, i) => {
    let sum = 0;
    for (let row = 0; row < count; row++) sum += drawn[784 * row + i]!;
    return sum / count;
  });
}

for (const [name, row] of Object.entries(models)) {
  for (const variant of variants[name] ?? [{}]) {
    const model = row.create(imageDomain([28, 28, 1]), variant);
    test(`${name} ${JSON.stringify(variant)}`, async (t) => {
      const { rows: seenRows, losses, weights } = await run(model);
      await t.test('trains every row, the short last batch too', () => {
        assert.equal(seenRows, options.epochs * rows.count);
      });
      await t.test('its losses stay finite', () => {
        assert.ok(losses.every((each) => Object.values(each).every(Number.isFinite)));
      });
      await t.test('it draws more like the rows than it did before training', async () => {
        const before = await meanDrawn(model, initialState(model, 1, adamDefaults).weights);
        const after = await meanDrawn(model, weights);
        assert.ok(distance(after, meanRow) < 0.9 * distance(before, meanRow));
      });
      await t.test('the same seed gives the same weights', async () => {
        assert.deepEqual((await run(model)).weights, weights);
      });
      await t.test('every parameter is owned by one phase', () => {
        for (const { name: parameter } of layoutOf(model).places) {
          assert.equal(
            model.stages.flatMap(({ phases }) => phases).filter((phase) => phase.owns(parameter)).length,
            1,
            parameter,
          );
        }
      });
      await t.test('perceives and decodes batches of any length, within [0, 1]', async () => {
        const scope = scopeOfValues(layoutOf(model), weights);
        const images = input('images', ['batch', 28, 28, 1]);
        const latent = input('latent', ['batch', model.latentDim]);
        const labels = model.classes > 0 ? input('labels', ['batch', model.classes]) : undefined;
        const { reconstruction, latent: mean, divergence } = model.perceive(scope, images, labels);
        for (const batch of [1, 3]) {
          const oneHot = {
            values: Array.from({ length: batch * model.classes }, (_, i) => Number(i % 10 === 2)),
            shape: [batch, model.classes],
          };
          const feeds = labels ? { labels: oneHot } : {};
          const pixels = Array.from(rows.pixels.subarray(0, batch * 784), (v) => v / 255);
          const seen = await evaluateGraph(
            { reconstruction, mean, divergence: divergence ?? mean },
            { images: { values: pixels, shape: [batch, 28, 28, 1] }, ...feeds },
            batch,
          );
          assert.ok(seen.reconstruction.every((v) => v >= 0 && v <= 1));
          assert.equal(seen.mean.length, batch * model.latentDim);
          assert.ok(Object.values(seen).every((values) => values.every(Number.isFinite)));
          const draws = fillNormal(new Float32Array(batch * model.latentDim), createRandom(1));
          const { drawn } = await evaluateGraph(
            { drawn: model.decode(scope, latent, labels) },
            { latent: { values: draws, shape: [batch, model.latentDim] }, ...feeds },
            batch,
          );
          assert.equal(drawn.length, batch * 784);
          assert.ok(drawn.every((v) => v >= 0 && v <= 1));
        }
      });
    });
  }
  for (const variant of (variants[name] ?? [{}]).filter(({ classes }) => classes === undefined)) {
    test(`${name} ${JSON.stringify(variant)}: images of other shapes`, () => {
      for (const shape of [
        [32, 32, 3],
        [13, 18, 1],
      ] as const) {
        const model = row.create(imageDomain(shape), variant);
        const scope = scopeOfValues(layoutOf(model), new Float32Array(layoutOf(model).length));
        const decoded = model.decode(scope, input('latent', ['batch', model.latentDim]));
        assert.deepEqual(decoded.shape, ['batch', ...shape]);
      }
    });
  }
}
