// The Detector from the outside: scores, promises, explanations, saving, loading, damage.
import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as onnx from 'onnxruntime-node';
import { selectRows } from '../../src/data/select.ts';
import type { Detector } from '../../src/detect/detector.ts';
import { load, save } from '../../src/detect/storage.ts';
import { train } from '../../src/detect/train.ts';
import { detectionMetrics } from '../../src/evaluate/metrics.ts';
import { digits, normalDigits, tinyOptions, trainTiny } from '../tiny-detector.ts';

let detector: Detector;
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oddity-detector-'));
  detector = await trainTiny();
  await save(detector, join(folder, 'saved'));
});
after(async () => {
  await detector.close();
  await rm(folder, { recursive: true });
});

test('it finds the digit it has never seen', async () => {
  const { score } = await detector.score(digits.test);
  const isAnomaly = Uint8Array.from(digits.test.labels ?? [], (label) => Number(label === 0));
  const { auroc } = detectionMetrics(score, isAnomaly);
  assert.ok(auroc > 0.9, `AUROC ${auroc}`);
});

test('detector.onnx alone, fed raw pixels, gives the scores of the library to 1e-5', async () => {
  const session = await onnx.InferenceSession.create(join(folder, 'saved', 'detector.onnx'), {
    intraOpNumThreads: 2,
  });
  const shape = [digits.test.count, ...digits.test.shape];
  const out = await session.run({ pixels: new onnx.Tensor('uint8', digits.test.pixels, shape) });
  const native = await detector.score(digits.test);
  const worst = (a: Float32Array, b: Float32Array) =>
    a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i]!)), 0);
  assert.ok(worst(out.score!.data as Float32Array, native.score) < 1e-5);
  assert.ok(worst(out.p_value!.data as Float32Array, native.pValue) < 2 / 150);
  for (const [name, values] of Object.entries(native.terms)) {
    const scale = values.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
    assert.ok(worst(out[`term_${name}`]!.data as Float32Array, values) / scale < 1e-5, name);
  }
  await session.release();
});

test('a score does not depend on the rows beside it', async () => {
  const { score } = await detector.score(digits.test);
  const alone = await detector.score(selectRows(digits.test, [41]));
  assert.ok(Math.abs(alone.score[0]! - score[41]!) < 1e-5);
});

test('contributions sum to the score, for black and white images too', async () => {
  const pixels = new Uint8Array(7 * 784);
  pixels.set(digits.test.pixels.subarray(0, 5 * 784));
  pixels.fill(255, 6 * 784);
  const few = { shape: digits.test.shape, count: 7, pixels };
  const [contributions, { score }] = [await detector.explain(few), await detector.score(few)];
  const size = contributions.length / few.count;
  for (const [row, expected] of score.entries()) {
    const sum = contributions.subarray(row * size, (row + 1) * size).reduce((total, v) => total + v, 0);
    assert.ok(Math.abs(sum - expected) < 1e-4 * Math.max(1, Math.abs(expected)));
  }
});

test('predict agrees with the p-values, and the rate can be changed after training', async () => {
  const { pValue } = await detector.score(digits.test);
  for (const falseAlarmRate of [0.02, 0.1, 0.5]) {
    const verdicts = await detector.predict(digits.test, { falseAlarmRate });
    assert.deepEqual(
      Array.from(verdicts),
      Array.from(pValue, (p) => Number(p <= falseAlarmRate + 1e-6)),
    );
  }
});

test('encode, decode, reconstruct and generate have the shapes they promise', async () => {
  const few = selectRows(digits.test, [0, 1, 2]);
  const latent = await detector.encode(few);
  assert.equal(latent.length, 3 * 4);
  assert.deepEqual((await detector.decode(latent)).pixels, (await detector.reconstruct(few)).pixels);
  const samples = await detector.generate(5, { seed: 1 });
  assert.deepEqual([samples.count, ...samples.shape], [5, 28, 28, 1]);
  assert.deepEqual((await detector.generate(5, { seed: 1 })).pixels, samples.pixels);
  assert.notDeepEqual((await detector.generate(5, { seed: 2 })).pixels, samples.pixels);
  await assert.rejects(detector.generate(1, { class: 3 }), /not class-conditional/);
});

test('a class-conditional model draws the class asked for', async () => {
  const conditional = await train(digits.train, {
    options: { latentDim: 4, boundSamples: 1, classes: 10 },
    epochs: 12,
    batchSize: 64,
    learningRate: 3e-3,
    session: { threads: 1 },
  });
  const mean = (pixels: Uint8Array) => pixels.reduce((sum, v) => sum + v, 0) / pixels.length;
  const [ones, zeros] = [
    await conditional.generate(40, { class: 1 }),
    await conditional.generate(40, { class: 0 }),
  ];
  assert.ok(mean(zeros.pixels) > 1.3 * mean(ones.pixels), 'a zero has more ink than a one');
  await assert.rejects(
    conditional.generate(1, { class: 10 }),
    /was trained on 0, 1, .*, 9, got 10; ask for one of those/,
  );
  const { score } = await conditional.score(selectRows(digits.test, [0, 1]));
  assert.ok(score.every(Number.isFinite));
  await conditional.close();
});

test('images of another shape are refused', async () => {
  const small = { shape: [8, 8, 1] as const, count: 1, pixels: new Uint8Array(64) };
  await assert.rejects(detector.score(small), /knows images of 28 x 28 x 1 .* got 8 x 8 x 1/);
});

test('a loaded detector scores as the saved one', async () => {
  const again = await load(join(folder, 'saved'));
  assert.deepEqual((await again.score(digits.test)).score, (await detector.score(digits.test)).score);
  assert.deepEqual(again.manifest, detector.manifest);
  await again.close();
});

test('one changed byte in any file is noticed and named', async () => {
  for (const file of await readdir(join(folder, 'saved'))) {
    const broken = join(folder, `broken-${file}`);
    await cp(join(folder, 'saved'), broken, { recursive: true });
    const bytes = await readFile(join(broken, file));
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(join(broken, file), bytes);
    await assert.rejects(load(broken), (error: Error & { code: string }) => {
      assert.equal(error.code, 'BAD_DETECTOR', `${file}: ${error.message}`);
      return true;
    });
  }
});

test('a manifest of a newer version, a folder that is none, a missing file', async () => {
  const newer = join(folder, 'newer');
  await cp(join(folder, 'saved'), newer, { recursive: true });
  const manifest = JSON.parse(await readFile(join(newer, 'manifest.json'), 'utf8'));
  await writeFile(join(newer, 'manifest.json'), JSON.stringify({ ...manifest, version: 99 }));
  await assert.rejects(load(newer), /saved in format 99, this Oddity reads up to 1; update Oddity/);
  await assert.rejects(load(join(folder, 'nowhere')), /is no detector: it has no manifest.json/);
  await rm(join(newer, 'encoder.onnx'));
  await cp(join(folder, 'saved', 'manifest.json'), join(newer, 'manifest.json'));
  await assert.rejects(load(newer), /encoder.onnx is missing/);
});

test('saving over other people’s files is refused, saving over a detector replaces it whole', async () => {
  const foreign = join(folder, 'foreign');
  await cp(join(folder, 'saved'), foreign, { recursive: true });
  await writeFile(join(foreign, 'thesis.txt'), 'years of work');
  await assert.rejects(save(detector, foreign), /holds other files \(thesis.txt\)/);
  assert.equal(await readFile(join(foreign, 'thesis.txt'), 'utf8'), 'years of work');
  await rm(join(foreign, 'thesis.txt'));
  await save(detector, foreign);
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.includes('.part') || name.includes('.oddity-')),
    [],
  );
});

test('what a crash in the middle of a replacement left behind is read, and mended by the next save', async () => {
  const [path, old, half] = ['crashed', '.crashed.oddity-old', '.crashed.oddity-new'].map((name) =>
    join(folder, name),
  );
  await cp(join(folder, 'saved'), old!, { recursive: true });
  await cp(join(folder, 'saved', 'manifest.json'), join(half!, 'manifest.json'));
  await (await load(path!)).close();
  await save(detector, path!);
  await cp(join(folder, 'saved'), old!, { recursive: true });
  await save(detector, path!);
  await (await load(path!)).close();
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.startsWith('.crashed')),
    [],
  );
});

test('too few rows, or options that do not exist, are one clear line', async () => {
  await assert.rejects(train(selectRows(normalDigits, [0, 1, 2])), /at least 20 normal images, got 3/);
  await assert.rejects(
    trainTiny({ options: { latentDims: 3 } }),
    /option set of 'vae' has no 'latentDims'; it has .*latentDim/,
  );
  await assert.rejects(trainTiny({ learningRate: 9, epochs: 3 }), (error: Error & { code: string }) => {
    assert.equal(error.code, 'DIVERGED', error.message);
    return true;
  });
});

test('a conditional detector says which kind of normal an image is closest to, among those it was trained on', async () => {
  const detector = await train(normalDigits, {
    ...tinyOptions,
    epochs: 6,
    options: { ...tinyOptions.options, latentDim: 8, classes: 10 },
  });
  const closest = await detector.closestClass(digits.test);
  assert.ok(!closest.includes(0));
  const { labels = new Uint8Array() } = digits.test;
  const right = closest.filter((label, row) => label === labels[row]).length;
  const known = labels.filter((label) => label !== 0).length;
  assert.ok(right > 0.8 * known, `${right} of ${known}`);
  await detector.close();
  const plain = await trainTiny();
  await assert.rejects(plain.closestClass(digits.test), /knows one kind of normal/);
  await plain.close();
});
