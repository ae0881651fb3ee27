// Files on disk: real and made ones, gzip and plain, whole and damaged.

import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readDataset } from '../../src/data/read-images.ts';
import { failsWith, idxBytes, realFolder, scratchFolder } from './support.ts';

const imageBytes = (count: number, first = 0) =>
  idxBytes(
    8,
    [count, 2, 2],
    Array.from({ length: 4 * count }, (_, i) => (first + (i >> 2)) % 256),
  );
const labelBytes = (count: number) =>
  idxBytes(
    8,
    [count],
    Array.from({ length: count }, (_, i) => i % 3),
  );

function folderWith(context: TestContext, files: Readonly<Record<string, Uint8Array>>): string {
  const folder = scratchFolder(context);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return folder;
}

test('reads the real MNIST', (context) => {
  const folder = realFolder(context, 'mnist');
  if (folder === undefined) return;
  const { train, test: held, classNames } = readDataset(folder);
  assert.deepEqual([train.count, held.count, train.shape.join('x')], [60000, 10000, '28x28x1']);
  assert.deepEqual([...(train.labels?.subarray(0, 5) ?? [])], [5, 0, 4, 1, 9]);
  assert.equal(classNames[9], '9');
  const mean = train.pixels.reduce((sum, pixel) => sum + pixel, 0) / train.pixels.length / 255;
  assert.ok(Math.abs(mean - 0.1307) < 1e-4, `mean ${mean} is the well-known one`);
});

test('knows Fashion-MNIST by its labels, under any name, and one file of it with its labels', (context) => {
  const folder = realFolder(context, 'fashion-mnist');
  if (folder === undefined) return;
  const path = join(folder, 't10k-images-idx3-ubyte.gz');
  const dataset = readDataset(path, { split: 'all' });
  assert.equal(dataset.test.count, 10000);
  assert.equal(dataset.train.count, 0);
  assert.equal(dataset.classNames[dataset.test.labels?.[0] ?? 0], 'Ankle boot');
});

test('four files: the standard split, or all rows in order; gzip is told by bytes, not by name', (context) => {
  const folder = folderWith(context, {
    'train-images.idx3-ubyte': gzipSync(imageBytes(6)),
    'train-labels-idx1-ubyte.gz': labelBytes(6),
    't10k-images-idx3-ubyte': imageBytes(3, 100),
    't10k-labels.idx1-ubyte.gz': gzipSync(labelBytes(3)),
  });
  const standard = readDataset(folder);
  assert.deepEqual([standard.train.count, standard.test.count], [6, 3]);
  assert.deepEqual(standard.classNames, ['0', '1', '2']);
  const all = readDataset(folder, { split: 'all' });
  assert.deepEqual([all.train.count, all.test.count], [0, 9]);
  assert.deepEqual([all.test.pixels[0], all.test.pixels[24]], [0, 100]);
  assert.deepEqual([...(all.test.labels ?? [])], [0, 1, 2, 0, 1, 2, 0, 1, 2]);
});

test('one split: 80/20 by seed, said in the name, no row lost or shared', (context) => {
  const folder = folderWith(context, { 't10k-images-idx3-ubyte': imageBytes(50) });
  const once = readDataset(folder, { seed: 7 });
  assert.match(once.name, /split 80\/20 by seed 7/);
  assert.deepEqual([once.train.count, once.test.count], [40, 10]);
  const rows = [...once.train.pixels, ...once.test.pixels].filter((_, i) => i % 4 === 0);
  assert.deepEqual(
    rows.sort((a, b) => a - b),
    [...Array(50).keys()],
  );
  assert.deepEqual(readDataset(folder, { seed: 7 }), once);
  assert.notDeepEqual(readDataset(folder, { seed: 8 }).test.pixels, once.test.pixels);
  assert.equal(once.test.labels, undefined);
  const all = readDataset(folder, { split: 'all' });
  assert.deepEqual([...all.test.pixels], [...imageBytes(50).subarray(16)]);
});

test('one file: labels beside it are found, and a folder with one odd name too', (context) => {
  const folder = folderWith(context, {
    'shoes-images-idx3-ubyte.gz': gzipSync(imageBytes(5)),
    'shoes-labels-idx1-ubyte': labelBytes(5),
  });
  const file = readDataset(join(folder, 'shoes-images-idx3-ubyte.gz'), { split: 'all' });
  assert.deepEqual([...(file.test.labels ?? [])], [0, 1, 2, 0, 1]);
  assert.deepEqual(readDataset(folder, { split: 'all' }).test, file.test);
});

test('counts and shapes must agree, labels need images', (context) => {
  const pair = folderWith(context, {
    'train-images-idx3-ubyte': imageBytes(5),
    'train-labels-idx1-ubyte': labelBytes(4),
  });
  failsWith(() => readDataset(pair), 'BAD_DATA', /got 5 images and 4 labels/);
  const lonely = folderWith(context, { 'train-labels-idx1-ubyte': labelBytes(4) });
  failsWith(() => readDataset(lonely), 'BAD_DATA', /expected the images of these labels/);
  const mixed = folderWith(context, {
    'train-images-idx3-ubyte': imageBytes(5),
    't10k-images-idx3-ubyte': idxBytes(8, [1, 1, 2], [1, 2]),
  });
  failsWith(() => readDataset(mixed), 'BAD_DATA', /one shape, got 2x2x1 and 1x2x1/);
  failsWith(() => readDataset(pair, { classNames: ['a'] }), 'BAD_DATA', /5 images and 4/);
  failsWith(() => readDataset(join(pair, 'train-labels-idx1-ubyte')), 'BAD_DATA', /looks like labels/);
});

test('nothing there, an empty folder, an unreadable thing', (context) => {
  const folder = scratchFolder(context);
  failsWith(() => readDataset(join(folder, 'absent')), 'NO_DATA', /check the path/);
  failsWith(() => readDataset(folder), 'NO_DATA', /got no such file/);
});

test('gzip damage: every flipped byte of the data and every cut is refused', (context) => {
  const packed = gzipSync(imageBytes(40));
  const folder = scratchFolder(context);
  const path = join(folder, 'x-images-idx3-ubyte.gz');
  for (let i = 10; i < packed.length; i++) {
    const bytes = Uint8Array.from(packed);
    bytes[i] = (bytes[i] ?? 0) ^ 0x41;
    writeFileSync(path, bytes);
    failsWith(() => readDataset(path), 'BAD_DATA', /x-images-idx3-ubyte\.gz: expected/);
  }
  for (const length of [2, 9, 10, 11, packed.length >> 1, packed.length - 8, packed.length - 1]) {
    writeFileSync(path, packed.subarray(0, length));
    failsWith(() => readDataset(path), 'BAD_DATA', /damaged or cut one/);
  }
});

test('a real file with one byte flipped is refused', (context) => {
  const real = realFolder(context, 'mnist');
  if (real === undefined) return;
  const folder = scratchFolder(context);
  const name = 't10k-labels-idx1-ubyte.gz';
  copyFileSync(join(real, 't10k-images-idx3-ubyte.gz'), join(folder, 't10k-images-idx3-ubyte.gz'));
  const bytes = readFileSync(join(real, name));
  bytes[2000] = (bytes[2000] ?? 0) ^ 1;
  writeFileSync(join(folder, name), bytes);
  failsWith(() => readDataset(folder), 'BAD_DATA', /t10k-labels-idx1-ubyte\.gz: expected an intact gzip/);
});
