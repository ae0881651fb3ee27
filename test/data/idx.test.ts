// IDX bytes and pixel arrays: what is well formed is read, what is not is named in one line.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { imagesFromIdx, labelsFromIdx, parseIdx } from '../../src/data/idx.ts';
import { toImageSet } from '../../src/data/images-from-pixels.ts';
import { failsWith, idxBytes } from './support.ts';

const images = idxBytes(
  8,
  [2, 3, 4],
  Array.from({ length: 24 }, (_, i) => i),
);

describe('parseIdx', () => {
  test('reads ubyte, float and double, also from a view with an offset', () => {
    const shifted = new Uint8Array(images.length + 3);
    shifted.set(images, 3);
    const parsed = parseIdx(shifted.subarray(3), 'a');
    assert.deepEqual(parsed.dimensions, [2, 3, 4]);
    assert.deepEqual([...parsed.values], [...Array(24).keys()]);
    for (const type of [13, 14]) {
      const { values } = parseIdx(idxBytes(type, [1, 1, 3], [0, 0.25, 1]), 'a');
      assert.deepEqual([...values], [0, 0.25, 1]);
    }
  });

  test('refuses every truncation', () => {
    for (let length = 0; length < images.length; length++) {
      failsWith(() => parseIdx(images.subarray(0, length), 'cut'), 'BAD_DATA', /^cut: expected .+, got .+; /);
    }
  });

  test('refuses trailing bytes and says how many', () => {
    const longer = new Uint8Array([...images, 1, 2]);
    failsWith(
      () => parseIdx(longer, 'a'),
      'BAD_DATA',
      /expected 40 bytes for 2x3x4 ubyte, got 42, 2 too many/,
    );
  });

  test('refuses other magic numbers and absurd sizes', () => {
    const flip = (index: number, value: number): Uint8Array => {
      const bytes = images.slice();
      bytes[index] = value;
      return bytes;
    };
    for (const bytes of [flip(0, 1), flip(1, 9), flip(2, 0x0b), flip(3, 0), flip(3, 9)]) {
      failsWith(() => parseIdx(bytes, 'a'), 'BAD_DATA', /got 0x/);
    }
    failsWith(() => parseIdx(new Uint8Array([0x1f, 0x8b, 8, 0, 0]), 'a'), 'BAD_DATA', /unpack the gzip/);
    failsWith(() => parseIdx(flip(4, 255), 'a'), 'BAD_DATA', /4278190082x3x4/);
    failsWith(() => parseIdx(idxBytes(8, [0, 3, 4], []), 'a'), 'BAD_DATA', /0x3x4/);
    failsWith(
      () => imagesFromIdx(parseIdx(idxBytes(8, [1, 1, 5000], Array(5000).fill(0)), 'a'), 'a'),
      'BAD_DATA',
      /1x5000x1/,
    );
  });
});

describe('imagesFromIdx', () => {
  const read = (values: readonly number[]) =>
    imagesFromIdx(parseIdx(idxBytes(13, [2, 1, 2], values), 'f'), 'f');

  test('quantises [0, 1] and 0..255', () => {
    assert.deepEqual([...read([0, 0.5, 1, 0.2]).pixels], [0, 128, 255, 51]);
    assert.deepEqual([...read([0, 0.6, 254.6, 7]).pixels], [0, 1, 255, 7]);
    assert.deepEqual(read([0, 0, 0, 0]).shape, [1, 2, 1]);
  });

  test('names row and position of NaN, infinity and values out of range', () => {
    failsWith(() => read([0, 1, 1, Number.NaN]), 'BAD_DATA', /got NaN in row 1, position 1/);
    failsWith(() => read([0, 1, Infinity, 0]), 'BAD_DATA', /got Infinity in row 1, position 0/);
    failsWith(() => read([0, -0.5, 1, 0]), 'BAD_DATA', /got -0.5 in row 0, position 1/);
    failsWith(() => read([0, 1.5, 1, 0]), 'BAD_DATA', /got 1.5 in row 0, position 1/);
    failsWith(() => read([0, 256, 1, 0]), 'BAD_DATA', /0\.\.255, got 256/);
  });

  test('tells images from labels, and keeps channels', () => {
    const labels = parseIdx(idxBytes(8, [3], [1, 2, 3]), 'l');
    assert.deepEqual([...labelsFromIdx(labels, 'l')], [1, 2, 3]);
    failsWith(() => imagesFromIdx(labels, 'l'), 'BAD_DATA', /looks like labels/);
    failsWith(() => labelsFromIdx(parseIdx(images, 'i'), 'i'), 'BAD_DATA', /give the labels file/);
    const colour = parseIdx(idxBytes(8, [2, 2, 2, 3], Array(24).fill(9)), 'c');
    assert.deepEqual(imagesFromIdx(colour, 'c').shape, [2, 2, 3]);
  });
});

describe('toImageSet', () => {
  test('takes bytes as they are and rounds fractions', () => {
    const bytes = Uint8Array.of(0, 1, 254, 255);
    assert.equal(toImageSet(bytes, [1, 2, 1]).pixels, bytes);
    assert.deepEqual([...toImageSet(Float32Array.of(0, 0.5, 1, 0.1), [2, 2, 1]).pixels], [0, 128, 255, 26]);
    const set = toImageSet(
      [
        [0, 1],
        [0.5, 0],
      ],
      [1, 2, 1],
      { labels: [3, 4] },
    );
    assert.equal(set.count, 2);
    assert.deepEqual([...(set.labels ?? [])], [3, 4]);
  });

  test('refuses what is not in [0, 1], what does not fit, and labels that do not match', () => {
    const two = (value: number) => () => toImageSet(Float32Array.of(0, 0, 0, value), [1, 2, 1]);
    failsWith(two(Number.NaN), 'BAD_DATA', /NaN in row 1, position 1/);
    failsWith(two(-Infinity), 'BAD_DATA', /-Infinity in row 1/);
    failsWith(two(200), 'BAD_DATA', /got 200 in row 1, position 1; divide by 255/);
    failsWith(() => toImageSet([[0, 1], [0]], [1, 2, 1]), 'BAD_DATA', /got 1 in row 1/);
    failsWith(() => toImageSet([[0, undefined as unknown as number]], [1, 2, 1]), 'BAD_DATA', /NaN in row 0/);
    failsWith(() => toImageSet(new Uint8Array(5), [1, 2, 1]), 'BAD_DATA', /multiple of 2 .+ got 5/);
    failsWith(() => toImageSet(new Uint8Array(0), [1, 2, 1]), 'BAD_DATA', /got 0/);
    failsWith(() => toImageSet(new Uint8Array(4), [0, 2, 1]), 'BAD_DATA', /0x2x1/);
    failsWith(
      () => toImageSet(new Uint8Array(4), [1, 2, 1], { labels: [1] }),
      'BAD_DATA',
      /2 images and 1 lab/,
    );
    failsWith(
      () => toImageSet(new Uint8Array(4), [1, 2, 1], { labels: [1, 2.5] }),
      'BAD_DATA',
      /2.5 in row 1/,
    );
  });
});
