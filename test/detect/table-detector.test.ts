// A detector of a small table, end to end: what it finds, why, saved and loaded, trimmed, ordered, and alone in ONNX.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as onnx from 'onnxruntime-node';
import type { NumberColumn, TableSet } from '../../src/data/table.ts';
import { load, save } from '../../src/detect/storage.ts';
import { type TrainOptions, train, trainSteps } from '../../src/detect/train.ts';
import { splitNormal } from '../../src/detect/training-rows.ts';
import { detectionMetrics } from '../../src/evaluate/metrics.ts';
import { createRandom } from '../../src/nn/random.ts';

/** b is twice a, c depends on the kind; an anomaly breaks one of the two rules, within the usual range of each column. */
function createTable(count: number, key: string, anomalies = 0): TableSet {
  const random = createRandom(`table/${key}`);
  const [a, b, c] = [new Float32Array(count), new Float32Array(count), new Float32Array(count)];
  const codes = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const isAnomaly = i < anomalies;
    codes[i] = random.integer(2);
    a[i] = random.normal();
    b[i] = (isAnomaly && i % 2 === 0 ? -2 : 2) * (a[i] ?? 0) + 0.1 * random.normal();
    c[i] = Math.exp(
      (isAnomaly && i % 2 === 1 ? 1 - (codes[i] ?? 0) : (codes[i] ?? 0)) * 2 + 0.2 * random.normal(),
    );
  }
  return {
    count,
    columns: [
      { kind: 'number', name: 'a', values: a },
      { kind: 'category', name: 'kind', codes, dictionary: ['food', 'fuel'] },
      { kind: 'number', name: 'b', values: b },
      { kind: 'number', name: 'c', values: c },
    ],
  };
}

const options: TrainOptions = {
  epochs: 12,
  members: 1,
  options: { latentDim: 2, hidden: [32] },
  seed: 5,
  session: { threads: 1 },
};
const training = createTable(1500, 'training');
const rows = createTable(600, 'test', 120);
const isAnomaly = Uint8Array.from({ length: 600 }, (_, i) => Number(i < 120));

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oddity-table-'));
});
after(() => rm(folder, { recursive: true, force: true }));

test('a table detector finds broken rules, blames the columns, and is the same once saved', async () => {
  const detector = await train(training, options);
  const { score, pValue, terms } = await detector.score(rows);
  assert.ok(detectionMetrics(score, isAnomaly).auroc > 0.9);
  assert.ok(['valueDensity', 'residual', 'bound'].every((name) => name in terms));
  assert.ok(!('edgeDensity' in terms));

  const contributions = await detector.explain(rows);
  assert.equal(contributions.length, 600 * 4);
  for (let row = 0; row < 600; row++) {
    const sum = contributions.subarray(4 * row, 4 * row + 4).reduce((total, each) => total + each, 0);
    assert.ok(Math.abs(sum - (score[row] ?? 0)) < 1e-3 * Math.max(1, Math.abs(score[row] ?? 0)));
  }
  // Rows 0, 2, 4... broke the rule between a and b.
  let blamed = 0;
  for (let row = 0; row < 120; row += 2) {
    const [a = 0, kind = 0, b = 0, c = 0] = contributions.subarray(4 * row, 4 * row + 4);
    if (a + b > kind + c) blamed++;
  }
  assert.ok(blamed > 45, `${blamed} of 60 blame a and b`);

  const closest = await detector.nearest(rows);
  assert.equal(closest.count, 600);
  const [a, , b] = closest.columns as [NumberColumn, unknown, NumberColumn];
  assert.ok(a.values.every((value, i) => Math.abs((b.values[i] ?? 0) - 2 * value) < 0.8));

  const drawn = await detector.generate(200, { seed: 1 });
  const drawnKinds = drawn.columns[1];
  assert.ok(drawnKinds?.kind === 'category' && new Set(drawnKinds.codes).size === 2);

  await save(detector, join(folder, 'saved'));
  const again = await load<TableSet>(join(folder, 'saved'), { threads: 1 });
  const loaded = await again.score(rows);
  assert.deepEqual(loaded.score, score);
  assert.deepEqual(loaded.pValue, pValue);
  await detector.close();
  await again.close();
});

test('detector.onnx takes raw columns alone, texts as texts, and says the same', async () => {
  const detector = await load<TableSet>(join(folder, 'saved'), { threads: 1 });
  const { score, pValue } = await detector.score(rows);
  await detector.close();
  const session = await onnx.InferenceSession.create(await readFile(join(folder, 'saved', 'detector.onnx')));
  const [a, kind, b, c] = rows.columns as [NumberColumn, { codes: Int32Array }, NumberColumn, NumberColumn];
  const numbers = Float32Array.from(
    { length: 30 },
    (_, i) => [a, b, c][i % 3]?.values[Math.floor(i / 3)] ?? 0,
  );
  const texts = Array.from({ length: 10 }, (_, i) => ['food', 'fuel'][kind.codes[i] ?? 0] ?? '');
  const found = await session.run({
    numbers: new onnx.Tensor('float32', numbers, [10, 3]),
    categories: new onnx.Tensor('string', texts, [10, 1]),
  });
  const close = (x: ArrayLike<number>, y: Float32Array) =>
    Array.from(x).every((value, i) => Math.abs(value - (y[i] ?? 0)) < 1e-4);
  assert.ok(close(found.score?.data as Float32Array, score));
  assert.ok(close(found.p_value?.data as Float32Array, pValue));
  await session.release();
});

test('missing numbers, unseen categories and infinities are scored, and look anomalous', async () => {
  const detector = await load<TableSet>(join(folder, 'saved'), { threads: 1 });
  const strange: TableSet = {
    count: 4,
    columns: [
      { kind: 'number', name: 'a', values: Float32Array.of(0, Number.NaN, 0, Number.NEGATIVE_INFINITY) },
      { kind: 'category', name: 'kind', codes: Int32Array.of(1, 1, 0, 1), dictionary: ['new', 'food'] },
      { kind: 'number', name: 'b', values: Float32Array.of(0, 0, 0, 0) },
      { kind: 'number', name: 'c', values: Float32Array.of(1, 1, 1, 1) },
    ],
  };
  const [usual = 0, ...odd] = (await detector.score(strange)).score;
  assert.ok(
    odd.every((score) => Number.isFinite(score) && score > usual + 2),
    `${usual}: ${odd}`,
  );
  await detector.close();
});

test('a trimmed training is not spoilt by anomalies among its rows', async () => {
  const spoilt = createTable(1500, 'spoilt', 60);
  const auroc = async (trim: number) => {
    const detector = await train(spoilt, { ...options, trim, epochs: 8 });
    const { score } = await detector.score(rows, { terms: false });
    await detector.close();
    return { auroc: detectionMetrics(score, isAnomaly).auroc, rows: detector.manifest.data.rows };
  };
  const [plain, trimmed] = [await auroc(0), await auroc(0.05)];
  assert.ok(trimmed.auroc > plain.auroc, `${trimmed.auroc} against ${plain.auroc}`);
  assert.ok(trimmed.rows.training < plain.rows.training);
  assert.equal(trimmed.rows.calibration, plain.rows.calibration);
});

test('rows in order of time are trained on first and calibrated on last', () => {
  const settings = { holdOut: 0.2, seed: 0, split: 'ordered' } as unknown as Parameters<
    typeof splitNormal
  >[1];
  const values = Float32Array.from({ length: 100 }, (_, i) => i);
  const parts = splitNormal({ count: 100, columns: [{ kind: 'number', name: 't', values }] }, settings);
  const ends = (set: typeof parts.training) => {
    const { values: t } = (set as TableSet).columns[0] as NumberColumn;
    return [t[0], t.at(-1)];
  };
  assert.deepEqual(ends(parts.training), [0, 79]);
  assert.deepEqual(ends(parts.scale), [80, 84]);
  assert.deepEqual(ends(parts.calibration), [85, 99]);
});

test('every model that others use runs on tables', async () => {
  for (const model of ['dcgan', 'fanogan', 'bigan', 'alad', 'ganomaly', 'vaegan'] as const) {
    const run = trainSteps(createTable(200, model), { model, epochs: 2, seed: 1, session: { threads: 1 } });
    let next = await run.next();
    while (!next.done) next = await run.next();
    const { score } = await next.value.score(rows);
    assert.ok(score.every(Number.isFinite), model);
    await next.value.close();
  }
});
