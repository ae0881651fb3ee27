// The comparison of models: its parts on plain numbers, and all of it on a few drawn digits.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImageSet } from '../../src/data/dataset.ts';
import { createDigits } from '../../src/data/digits.ts';
import { judgeClaims } from '../../src/evaluate/claims.ts';
import { type CompareOptions, compareModels } from '../../src/evaluate/compare.ts';
import { kindOf } from '../../src/evaluate/comparison/generator.ts';
import { createPlan } from '../../src/evaluate/comparison/plan.ts';
import { principalPlane } from '../../src/evaluate/comparison/plane.ts';
import type {
  Claim,
  ComparedModel,
  Comparison,
  ComparisonRecord,
  ModelKind,
} from '../../src/evaluate/comparison/records.ts';
import { differ, type Spread, spreadOf } from '../../src/evaluate/comparison/spread.ts';
import { hasCollapsed, lossOscillation } from '../../src/evaluate/comparison/stability.ts';
import type { Classifier } from '../../src/evaluate/generation/classifier.ts';
import { imageDomain } from '../../src/models/image-domain.ts';
import { type ModelName, models } from '../../src/models/index.ts';

const near = (actual: number | undefined, expected: number, tolerance = 1e-9): void =>
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) <= tolerance, `${actual}, expected ${expected}`);
const spread = (...values: number[]): Spread => spreadOf(values)!;

test('the spread of values, and when two of them differ', () => {
  assert.equal(spreadOf([]), undefined);
  assert.deepEqual(spread(2, 4), { count: 2, mean: 3, min: 2, max: 4, deviation: Math.SQRT2 });
  assert.equal(differ(spread(1), spread(2)), undefined);
  // t = 9 / (1 * sqrt(1 + 1/3)) = 7.8 and 3 / 1.15 = 2.6, against 4.303.
  assert.equal(differ(spread(10), spread(0, 1, 2)), true);
  assert.equal(differ(spread(0, 1, 2), spread(4)), false);
  assert.equal(differ(spread(1, 1), spread(1, 1)), false);
  assert.equal(differ(spread(1, 1), spread(0, 0)), true);
  // scipy.stats.ttest_ind(equal_var=False): p = 0.008, 0.22 and 0.09.
  assert.equal(differ(spread(1, 2, 3), spread(5, 6, 7)), true);
  assert.equal(differ(spread(1, 2, 3), spread(2, 4, 6)), false);
  assert.equal(differ(spread(0, 0.1), spread(1, 1.4)), false);
});

test('oscillation sees swings, not slopes, of the last half', () => {
  const history = (losses: readonly number[]) =>
    losses.map((a, i) => ({ epoch: i + 1, losses: { a }, seconds: 1 }));
  assert.deepEqual(lossOscillation(history([9, 5])), {});
  near(lossOscillation(history([500, 7, 6, 5, 4, 3])).a, 0);
  // Changes +2, -2, +2 around values 3, 1, 3: deviation sqrt(16/3) over 7/3.
  near(lossOscillation(history([500, 7, 1, 3, 1, 3])).a, Math.sqrt(16 / 3) / (7 / 3));
});

test('few classes, or copies, are a collapse', () => {
  const classes = (counts: readonly number[], divergence: number) => ({ counts, missing: [], divergence });
  assert.equal(hasCollapsed({ classes: classes([5, 5, 5, 5], 0), nearDuplicates: 0.02 }), false);
  assert.equal(hasCollapsed({ classes: classes([5, 5, 5, 5], 0), nearDuplicates: 0.6 }), true);
  assert.equal(hasCollapsed({ classes: classes([20, 0, 0, 0], Math.log(4)), nearDuplicates: 0 }), true);
});

test('a plan learns from what parts have cost, and never goes back', () => {
  let clock = 0;
  const parts = [
    { kind: 'a', seconds: 1 },
    { kind: 'b', seconds: 1 },
    { kind: 'a', seconds: 1 },
  ];
  const plan = createPlan(parts, () => clock);
  near(plan.progress(0.5), 0.5 / 3);
  clock = 10_000;
  plan.finish();
  near(plan.progress(0), 1 / 3);
  clock = 11_000;
  plan.finish();
  // 11 of 21 seconds: the second 'a' will cost what the first did.
  near(plan.progress(0), 11 / 21);
  near(plan.progress(0.5), 16 / 21);
  plan.skip(0);
  assert.equal(plan.progress(0), 1);
});

test('the principal plane keeps the directions of largest variance', () => {
  const values = Float32Array.from({ length: 40 * 3 }, (_, i) => {
    const [row, axis] = [Math.floor(i / 3), i % 3];
    return [row % 2, 10 * (Math.floor(row / 2) % 2), 3 * (Math.floor(row / 4) % 2)][axis]!;
  });
  const { points, explained } = principalPlane({ count: 40, dimension: 3, values });
  near(explained, 109 / 110, 1e-6);
  near(points[0], -5, 1e-5);
  near(points[1], -1.5, 1e-5);
});

test('the kind of a model', () => {
  const kind = (name: ModelName) => kindOf(name, models[name].create(imageDomain([28, 28, 1]), {}));
  assert.deepEqual((['vae', 'fanogan', 'vaegan'] as const).map(kind), [
    'variational',
    'adversarial',
    'hybrid',
  ]);
});

/** A model with one number for every measure of each run. */
function comparedModel(kind: ModelKind, model: string, runs: readonly number[]): ComparedModel {
  return {
    model,
    kind,
    runs: runs.map((value, seed) => ({
      outcome: 'trained',
      seed,
      generation: {
        sharpness: value,
        coverage: value,
        recall: value,
        frechet: 1,
        classes: { counts: [1, 1], missing: [], divergence: 0 },
      },
      latent: { neighbourAccuracy: value, silhouette: value, pathLength: 1 },
      oscillation: {},
      collapsed: false,
    })),
  } as unknown as ComparedModel;
}
const verdicts = (claims: readonly Claim[]) => claims.map(({ verdict }) => verdict);

test('claims are judged by the numbers, and carry them', () => {
  const vae = comparedModel('variational', 'vae', [0.3, 0.31, 0.29]);
  const dcgan = comparedModel('adversarial', 'dcgan', [0.8, 0.82, 0.81]);
  const claims = judgeClaims([vae, dcgan, comparedModel('hybrid', 'vaegan', [9, 9, 9])]);
  assert.deepEqual(verdicts(claims), ['reproduced', 'refuted', 'refuted']);
  assert.match(
    claims[1]!.sentence,
    /More diverse is refuted\. Against it: coverage .* Easier to train is not decided by these runs\./,
  );
  assert.match(
    claims[0]!.sentence,
    /^"GANs are sharper" is reproduced .* 0\.3 ± 0\.01 against 0\.81 ± 0\.01\.$/,
  );
  const swapped = judgeClaims([
    comparedModel('variational', 'vae', [0.8, 0.82, 0.81]),
    comparedModel('adversarial', 'dcgan', [0.3, 0.31, 0.29]),
  ]);
  assert.deepEqual(verdicts(swapped), ['refuted', 'mixed', 'reproduced']);

  const wide = judgeClaims([vae, comparedModel('adversarial', 'dcgan', [0.1, 0.8, 0.3])]);
  assert.deepEqual(verdicts(wide), ['not decided', 'not decided', 'not decided']);
  assert.match(wide[0]!.sentence, /not decided by these runs/);
  assert.deepEqual(verdicts(judgeClaims([vae])), ['not judged', 'not judged', 'not judged']);
  const alone = judgeClaims([
    comparedModel('variational', 'vae', [0.3]),
    comparedModel('adversarial', 'dcgan', [0.8]),
  ]);
  assert.match(alone[0]!.sentence, /reproduced.*too few to know the spread\.$/);
  // Twice as sharp as real is noise.
  const noisy = judgeClaims([vae, comparedModel('adversarial', 'dcgan', [14, 15, 16])]);
  assert.equal(noisy[0]!.verdict, 'refuted');
});

test('runs that break count against a model, and leave nothing else to judge', () => {
  const broken = {
    ...comparedModel('adversarial', 'dcgan', []),
    runs: [0, 1].map((seed) => ({ outcome: 'diverged' as const, seed, history: [], message: 'diverged' })),
  };
  const claims = judgeClaims([comparedModel('variational', 'vae', [0.3, 0.3]), broken]);
  assert.deepEqual(verdicts(claims), ['not decided', 'mixed', 'not decided']);
  assert.match(claims[0]!.sentence, /No run of one side came to its end/);
});

/** Looks at sums of rows and columns: as good as a trained classifier for what is tested here. */
const classifier: Classifier = {
  classNames: Array.from({ length: 10 }, (_, i) => String(i)),
  accuracy: 1,
  hash: 'none',
  close: async () => {},
  async look({ count, pixels }: ImageSet) {
    const features = new Float32Array(count * 84);
    for (let i = 0; i < pixels.length; i++) {
      const [image, y, x] = [Math.floor(i / 784), Math.floor((i % 784) / 28), i % 28];
      const ink = (pixels[i] ?? 0) / 2550;
      for (const place of [y, 28 + x, 56 + ((x + y) % 28)]) features[image * 84 + place]! += ink;
    }
    const labels = Uint8Array.from({ length: count }, (_, i) => features[84 * i + 10]! % 10);
    return { labels, confidence: new Float32Array(count).fill(1), features };
  },
};

const digits = createDigits({ seed: 5, trainCount: 400, testCount: 200 });

async function runAll(options: CompareOptions) {
  const records: ComparisonRecord[] = [];
  const run = compareModels(digits, classifier, { session: { threads: 1 }, ...options });
  let next = await run.next();
  for (; !next.done; next = await run.next()) records.push(next.value);
  return { records, comparison: next.value };
}

test('models are trained, measured and held against each other; a broken one is a row', async () => {
  const { records, comparison } = await runAll({
    models: [
      { model: 'vae', epochs: 3, options: { latentDim: 4, boundSamples: 1, classes: 10 } },
      {
        model: 'vaegan',
        epochs: 20,
        learningRate: 10,
        options: { latentDim: 3, boundSamples: 1, beta: 1e6 },
      },
    ],
    seeds: 2,
    samples: 120,
    classes: [1],
    protocols: ['one-class', 'leave-one-out'],
  });
  const shares = records.flatMap((record) => (record.kind === 'progress' ? [record.progress] : []));
  assert.deepEqual(
    shares,
    [...shares].sort((a, b) => a - b),
  );
  assert.ok(shares[0] === 0 && shares.at(-1)! <= 1);
  assert.deepEqual(JSON.parse(JSON.stringify(comparison)), comparison);

  const [vae, vaegan] = comparison.models as [ComparedModel, ComparedModel];
  assert.deepEqual([vae.kind, vaegan.kind], ['variational', 'hybrid']);
  checkTrained(comparison, vae);
  assert.deepEqual(
    vae.runs.map((run) => run.outcome === 'trained' && Object.keys(run.oscillation)),
    [
      ['reconstruction', 'divergence'],
      ['reconstruction', 'divergence'],
    ],
  );
  assert.ok(vaegan.runs.every((run) => run.outcome === 'diverged' && /diverged/.test(run.message)));
  assert.ok(vaegan.detection.every(({ outcome }) => outcome === 'diverged'));
  assert.equal(comparison.claims.length, 3);

  const exhibits = records.flatMap((record) => (record.kind === 'exhibits' ? [record.exhibits] : []));
  assert.deepEqual(
    exhibits.map(({ model, samples, plane, walks }) => [
      model,
      samples.count,
      plane.points.length,
      walks.images.count / walks.stops,
    ]),
    [['vae', 36, 240, 3]],
  );
});

function checkTrained({ references }: Comparison, { runs, detection }: ComparedModel): void {
  assert.equal(runs.length, 2);
  for (const run of runs) {
    assert.ok(run.outcome === 'trained');
    const { generation, latent, speeds } = run;
    assert.equal(generation.count, 120);
    assert.ok(generation.frechet > references[0]!.measures.frechet);
    const numbers = [...Object.values(latent), ...Object.values(speeds)];
    assert.ok(numbers.every((value) => Number.isFinite(value)));
    assert.ok(latent.reconstructionError > 0 && latent.reconstructionError < 0.5);
  }
  assert.deepEqual(
    detection.map(({ protocol, seed }) => [protocol, seed]),
    [
      ['one-class', 0],
      ['leave-one-out', 0],
      ['one-class', 1],
      ['leave-one-out', 1],
    ],
  );
}

test('what cannot be compared is refused before any training, and a signal ends it', async () => {
  const refuse = (options: Partial<CompareOptions>, code: string) =>
    assert.rejects(runAll({ models: [{ model: 'vae', epochs: 1 }], samples: 100, ...options }), { code });
  await refuse({ samples: 99 }, 'BAD_USAGE');
  await refuse({ samples: 201 }, 'BAD_USAGE');
  await refuse({ classes: [11] }, 'BAD_DATA');
  await refuse({ models: [{ model: 'fanogan', epochs: 1 }] }, 'BAD_USAGE');
  await refuse({ models: [{ model: 'vae', options: { width: 3 } }] }, 'BAD_USAGE');
  await refuse({ signal: AbortSignal.abort() }, 'ABORTED');
});
