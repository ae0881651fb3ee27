// Sentences made of numbers: which of two detectors is the better, and when neither.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { detectingWinner } from '../../src/evaluate/exhibition/conclusions.ts';
import { judgeDetection } from '../../src/evaluate/exhibition/detection.ts';
import { recommendDetector } from '../../src/evaluate/exhibition/table-conclusions.ts';

const isAnomaly = Uint8Array.from([0, 0, 0, 1, 1]);
const judged = (label: string, values: readonly number[], isKnown = true) => {
  const score = Float32Array.from(values);
  const pValue = score.map(() => 0.5);
  return {
    label,
    detection: judgeDetection({
      score,
      pValue,
      isAnomaly: isKnown ? isAnomaly : undefined,
      threshold: 3,
      askedRate: 0.1,
    }),
  };
};

test('a difference without a standard error is told without one', () => {
  // One ranks all rows right, the other none at all: no draw of as many rows would differ.
  const models = [judged('Right', [0, 1, 2, 4, 5]), judged('Flat', [1, 1, 1, 1, 1])];
  const said = detectingWinner(models) ?? '';
  assert.match(said, /^To detect anomalies: Right\. Its AUROC is 1\.0000 against 0\.5000 of Flat;/);
  assert.doesNotMatch(said, /Infinity|NaN/);
});

test('nothing is recommended where no row is known to be an anomaly', () => {
  const unknown = ['A', 'B'].map((label) => judged(label, [0, 1, 2, 4, 5], false));
  assert.deepEqual(recommendDetector(unknown), []);
  const known = [judged('Right', [0, 1, 2, 4, 5]), judged('Flat', [1, 1, 1, 1, 1])];
  assert.equal(recommendDetector(known).length, 2);
});
