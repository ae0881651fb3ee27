// The built-in digits: the same from the same seed, framed like MNIST, and told apart by eye and by neighbour.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createDigits } from '../../src/data/digits.ts';
import { countLabels } from '../../src/data/select.ts';

const sum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('equal seeds give equal bytes, other seeds other ones; train and test differ', () => {
  const options = { seed: 5, trainCount: 100, testCount: 100 };
  const digits = createDigits(options);
  assert.deepEqual(createDigits(options), digits);
  assert.notEqual(sum(createDigits({ ...options, seed: 6 }).train.pixels), sum(digits.train.pixels));
  assert.notEqual(sum(digits.test.pixels), sum(digits.train.pixels));
  assert.deepEqual(countLabels(digits.train), Array(10).fill(10));
});

test('no image occurs twice, in train or in test', () => {
  const { train, test: held } = createDigits({ trainCount: 1000, testCount: 200 });
  const rows = [train, held].flatMap(({ pixels, count }) =>
    Array.from({ length: count }, (_, i) => sum(pixels.subarray(i * 784, (i + 1) * 784))),
  );
  assert.equal(new Set(rows).size, 1200);
});

test('ink, frame and centre are those of MNIST', () => {
  const { pixels, count } = createDigits({ trainCount: 500, testCount: 10 }).train;
  let total = 0;
  for (let i = 0; i < count; i++) {
    let [mass, massX, massY] = [0, 0, 0];
    for (let p = 0; p < 784; p++) {
      const value = pixels[i * 784 + p] ?? 0;
      const [x, y] = [p % 28, Math.floor(p / 28)];
      if (x === 0 || y === 0 || x === 27 || y === 27) assert.equal(value, 0, 'the border is empty');
      mass += value;
      massX += value * x;
      massY += value * y;
    }
    assert.ok(mass > 0);
    assert.ok(Math.hypot(massX / mass - 13.5, massY / mass - 13.5) < 4.5, `image ${i} is off centre`);
    total += mass;
  }
  const mean = total / pixels.length / 255;
  assert.ok(mean > 0.09 && mean < 0.16, `mean ${mean}, MNIST's is 0.13`);
});

test('the nearest of 1,000 neighbours tells 500 digits right, yet not all are alike', () => {
  const { train, test: held } = createDigits({ trainCount: 1000, testCount: 500 });
  let right = 0;
  let nearestSum = 0;
  for (let i = 0; i < held.count; i++) {
    let [best, label] = [Infinity, -1];
    for (let j = 0; j < train.count; j++) {
      let distance = 0;
      for (let p = 0; p < 784 && distance < best; p++) {
        const difference = (held.pixels[i * 784 + p] ?? 0) - (train.pixels[j * 784 + p] ?? 0);
        distance += difference * difference;
      }
      if (distance < best) [best, label] = [distance, train.labels?.[j] ?? -1];
    }
    if (label === held.labels?.[i]) right++;
    nearestSum += Math.sqrt(best) / 255;
  }
  const accuracy = right / held.count;
  assert.ok(accuracy > 0.9, `accuracy ${accuracy}`);
  assert.ok(nearestSum / held.count > 3, `mean distance to the nearest ${nearestSum / held.count}`);
});
