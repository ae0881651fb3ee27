// Counting modes on images whose modes are known.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDigits } from '../../src/data/digits.ts';
import { rowsOfClasses, selectRows } from '../../src/data/select.ts';
import { stackChannels, takeChannel } from '../../src/data/stack-channels.ts';
import type { Classifier } from '../../src/evaluate/generation/classifier.ts';
import { countModes } from '../../src/evaluate/stacked.ts';

const { train, classNames } = createDigits({ seed: 1, trainCount: 300, testCount: 10 });

test('three grey images in three channels, and out again', () => {
  const stacked = stackChannels(train, 40, 7);
  assert.deepEqual(stacked.shape, [28, 28, 3]);
  assert.deepEqual(stackChannels(train, 40, 7).pixels, stacked.pixels);
  const known = new Set(
    Array.from({ length: 300 }, (_, row) => train.pixels.subarray(784 * row, 784 * (row + 1)).join()),
  );
  for (const channel of [0, 1, 2]) {
    const { pixels, shape, count } = takeChannel(stacked, channel);
    assert.deepEqual([...shape, count], [28, 28, 1, 40]);
    for (let row = 0; row < 40; row++)
      assert.ok(known.has(pixels.subarray(784 * row, 784 * (row + 1)).join()));
  }
  assert.throws(() => stackChannels(stacked, 1, 0), { code: 'BAD_DATA' });
});

test('modes are combinations of classes; KL is from all of them', async () => {
  // Tells a digit by its pixels: every training image is known.
  const labelOf = new Map(
    Array.from({ length: 300 }, (_, row) => [
      train.pixels.subarray(784 * row, 784 * (row + 1)).join(),
      train.labels![row]!,
    ]),
  );
  const classifier: Classifier = {
    classNames,
    accuracy: 1,
    hash: '',
    look: async ({ pixels, count }) => ({
      labels: Uint8Array.from(
        { length: count },
        (_, row) => labelOf.get(pixels.subarray(784 * row, 784 * (row + 1)).join()) ?? 0,
      ),
      confidence: new Float32Array(count),
      features: new Float32Array(),
    }),
    close: async () => {},
  };
  const fours = selectRows(train, rowsOfClasses(train, { normal: [4] }, classNames).normal);
  const one = await countModes(stackChannels(fours, 50, 1), classifier);
  assert.deepEqual([one.modes, one.divergence.toFixed(6)], [1, Math.log(1000).toFixed(6)]);
  const many = await countModes(stackChannels(train, 3000, 1), classifier);
  assert.ok(many.modes > 900 && many.modes <= 1000, String(many.modes));
  assert.ok(many.divergence > 0 && many.divergence < 0.5, String(many.divergence));
});
