// The classifier and its cache, the Gaussian of the pixels, and all measures together, on drawn digits.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ImageDataset, ImageSet } from '../../src/data/dataset.ts';
import { createDigits } from '../../src/data/digits.ts';
import { joinSets, selectRows } from '../../src/data/select.ts';
import { openClassifier } from '../../src/evaluate/generation/classifier.ts';
import { measureGeneration, referenceRows } from '../../src/evaluate/generation/measure.ts';
import { drawFromGaussian, fitPixelGaussian } from '../../src/evaluate/generation/pixel-gaussian.ts';

const options = { session: { threads: 1 } };
const digits = createDigits({ seed: 5, trainCount: 400, testCount: 200 });
const cache = await mkdtemp(join(tmpdir(), 'oddity-classifiers-'));
const steps: number[] = [];
const classifier = await openClassifier(digits, {
  ...options,
  cache,
  onProgress: (progress) => steps.push(progress),
});
after(async () => {
  await classifier.close();
  await rm(cache, { recursive: true });
});

const rows = (set: ImageSet, from: number, to: number): ImageSet =>
  selectRows(
    set,
    Uint32Array.from({ length: to - from }, (_, i) => from + i),
  );
/** As small a data set as can be trained on in an instant. */
const few: ImageDataset = { ...digits, train: rows(digits.train, 0, 40), test: rows(digits.test, 0, 40) };

test('it learns, tells how far it is, and looks at images', async () => {
  assert.ok(classifier.accuracy > 0.85, `${classifier.accuracy}`);
  assert.equal(steps.at(-1), 1);
  assert.deepEqual(
    steps,
    [...steps].sort((a, b) => a - b),
  );
  const { labels, confidence, features } = await classifier.look(digits.test);
  const right = labels.filter((label, i) => label === digits.test.labels![i]).length;
  assert.equal(right / digits.test.count, classifier.accuracy);
  assert.equal(features.length, 200 * 84);
  assert.ok(confidence.every((value) => value > 0.1 - 1e-6 && value <= 1 + 1e-6));
  const wide = { shape: [14, 56, 1], count: 1, pixels: new Uint8Array(784) } as const;
  await assert.rejects(classifier.look(wide), { code: 'BAD_DATA' });
  await assert.rejects(classifier.look(digits.test, { signal: AbortSignal.abort() }), { code: 'ABORTED' });
});

test('the cache gives back the same classifier; damaged and foreign files are trained over', async () => {
  const open = (dataset: ImageDataset, trained: boolean) => {
    let steps = 0;
    const onProgress = () => void steps++;
    return openClassifier(dataset, { ...options, cache, onProgress }).then(async (opened) => {
      await opened.close();
      assert.equal(steps > 0, trained);
      return opened;
    });
  };
  const again = await open(digits, false);
  assert.deepEqual([again.hash, again.accuracy], [classifier.hash, classifier.accuracy]);

  const [ownFile] = await readdir(cache);
  const own = await readFile(join(cache, ownFile!));
  const first = await open(few, true);
  const file = join(cache, (await readdir(cache)).find((name) => name !== ownFile)!);
  const good = await readFile(file);
  const flipped = Uint8Array.from(good);
  flipped[good.length - 9]! ^= 1;
  for (const bad of [
    flipped,
    good.subarray(0, good.length - 100),
    new Uint8Array(3),
    Buffer.from('hm'),
    own,
  ]) {
    await writeFile(file, bad);
    assert.equal((await open(few, true)).hash, first.hash);
    assert.deepEqual(await readFile(file), good);
  }
  // Other pixels, another classifier.
  const pixels = few.train.pixels.map((value) => 255 - value);
  assert.notEqual((await open({ ...few, train: { ...few.train, pixels } }, true)).hash, first.hash);
});

test('a cache that cannot be written is no error, but told', async () => {
  const file = join(cache, 'in-the-way');
  await writeFile(file, '');
  const notices: string[] = [];
  const onNotice = (notice: string) => void notices.push(notice);
  const opened = await openClassifier(few, { ...options, cache: join(file, 'sub'), onNotice });
  await opened.close();
  assert.equal(notices.length, 1);
});

test('data sets that cannot train a classifier are refused, and a signal stops it', async () => {
  const { shape, count, pixels } = few.train;
  const refuse = (dataset: ImageDataset) =>
    assert.rejects(openClassifier(dataset, options), { code: 'BAD_DATA' });
  await refuse({ ...few, train: { shape, count, pixels } });
  await refuse({ ...few, classNames: ['one'] });
  await refuse({ ...few, classNames: ['one', 'two'] });
  await refuse({ ...few, test: rows(few.test, 0, 0) });
  await assert.rejects(openClassifier(few, { ...options, signal: AbortSignal.abort() }), {
    code: 'ABORTED',
  });
});

test('the Gaussian of the pixels has the images’ mean and covariance', async () => {
  // Three directions of known spread in images of 3 x 3.
  const pixels = Uint8Array.from({ length: 900 * 9 }, (_, i) => {
    const [image, pixel] = [Math.floor(i / 9), i % 9];
    const sign = (bit: number): number => ((image >> bit) & 1 ? 1 : -1);
    return 100 + [60 * sign(0), 30 * sign(1), 10 * sign(2), 0, 0, 0, 0, 0, 0][pixel]!;
  });
  const gaussian = await fitPixelGaussian({ shape: [3, 3, 1], count: 900, pixels }, 4, options);
  assert.equal(gaussian.components, 4);
  for (const [axis, deviation] of [60, 30, 10].entries()) {
    const scaled = gaussian.axes.subarray(axis * 9, axis * 9 + 9);
    assert.ok(Math.abs(Math.abs(scaled[axis]!) - deviation) < 0.1, `${scaled}`);
  }
  assert.ok(gaussian.axes.subarray(27).every((value) => Math.abs(value) < 0.01));
  const drawn = await drawFromGaussian(gaussian, 2000, 1, options);
  const mean = (pixel: number): number =>
    drawn.pixels.reduce((sum, value, i) => sum + (i % 9 === pixel ? value : 0), 0) / 2000;
  assert.ok(Math.abs(mean(1) - 100) < 3, `${mean(1)}`);
  assert.ok(drawn.pixels.every((value, i) => i % 9 < 3 || Math.abs(value - 100) <= 1));
  assert.deepEqual(drawn, await drawFromGaussian(gaussian, 2000, 1, options));
});

test('all measures: real images do best, a Gaussian worse; a repeated digit and copies are found out', async () => {
  const [real, gaussian] = await referenceRows(digits, classifier, options);
  assert.deepEqual([real?.name, gaussian?.name], ['real', 'gaussian']);
  const [best, worst] = [real!.measures, gaussian!.measures];
  assert.ok(best.frechet < worst.frechet / 3, `${best.frechet}, ${worst.frechet}`);
  assert.ok(
    best.precision > 0.5 && best.precision > worst.precision,
    `${best.precision}, ${worst.precision}`,
  );
  assert.ok(best.coverage > worst.coverage, `${best.coverage}, ${worst.coverage}`);
  assert.ok(Math.abs(best.memorisation - 1) < 0.1 && Math.abs(best.sharpness - 1) < 0.1);
  assert.ok(Math.abs(best.diversity - 1) < 0.2, `${best.diversity}`);
  assert.deepEqual(best.classes.missing, []);
  assert.ok(best.classes.divergence < 0.02 && best.count === 200);
  // Labels say what was asked for: of real images, the classifier's own accuracy.
  assert.deepEqual([best.agreement, worst.agreement], [classifier.accuracy, undefined]);

  const copies = rows(digits.train, 0, 100);
  const collapsed = await measureGeneration(joinSets(copies, copies), digits, classifier, options);
  assert.ok(collapsed.nearDuplicates > 0.9, `${collapsed.nearDuplicates}`);
  assert.ok(collapsed.memorisation < 0.8, `${collapsed.memorisation}`);
  await assert.rejects(measureGeneration(rows(copies, 0, 5), digits, classifier, options), {
    code: 'BAD_DATA',
  });
});
