// Precision at k, recall at a rate and the cost curve, against numbers worked out by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { costCurve } from '../../src/evaluate/costs.ts';
import { precisionAt, recallAtFalseAlarmRate } from '../../src/evaluate/metrics.ts';

//               a    n    a    n    n    a
const scores = [0.9, 0.8, 0.7, 0.4, 0.4, 0.4];
const isAnomaly = [1, 0, 1, 0, 0, 1];
const amounts = [100, 7, 40, 7, Number.NaN, 3];

test('precision among the highest scores; a draw decides between equals', () => {
  assert.equal(precisionAt(scores, isAnomaly, 1), 1);
  assert.equal(precisionAt(scores, isAnomaly, 2), 1 / 2);
  assert.equal(precisionAt(scores, isAnomaly, 3), 2 / 3);
  assert.equal(precisionAt(scores, isAnomaly, 4), (2 + 1 / 3) / 4);
  assert.equal(precisionAt(scores, isAnomaly, 6), 1 / 2);
  assert.equal(precisionAt(scores, isAnomaly, 100), 1 / 2);
});

test('recall while a share of the normal rows raises alarms', () => {
  assert.equal(recallAtFalseAlarmRate(scores, isAnomaly, 0), 1 / 3);
  assert.equal(recallAtFalseAlarmRate(scores, isAnomaly, 0.3), 1 / 3);
  assert.equal(recallAtFalseAlarmRate(scores, isAnomaly, 1 / 3), 2 / 3);
  assert.equal(recallAtFalseAlarmRate(scores, isAnomaly, 0.99), 2 / 3);
  assert.equal(recallAtFalseAlarmRate(scores, isAnomaly, 1), 1);
});

test('what each threshold costs, and the cheapest', () => {
  const { points, cheapest, doingNothing } = costCurve(scores, isAnomaly, { amounts, alarmCost: 5 });
  assert.equal(doingNothing, 143);
  const rows = points.map(({ alarms, falseAlarms, caught, saved, lost, alarmCosts, cost }) => [
    alarms,
    falseAlarms,
    caught,
    saved,
    lost,
    alarmCosts,
    cost,
  ]);
  assert.deepEqual(rows, [
    [0, 0, 0, 0, 143, 0, 143],
    [1, 0, 1, 100, 43, 5, 48],
    [2, 1, 1, 100, 43, 10, 53],
    [3, 1, 2, 140, 3, 15, 18],
    [6, 3, 3, 143, 0, 30, 30],
  ]);
  assert.equal(cheapest, points[3]);
  assert.equal(cheapest.falseAlarmRate, 1 / 3);
});

test('a threshold raises the alarms that its point counts', () => {
  const close = Float32Array.of(0.1, 0.10000001, 0.3, 0.30000001, -5, 7e5);
  const labels = [0, 1, 0, 1, 1, 0];
  const { points } = costCurve(close, labels, { amounts: [0, 1, 0, 1, 1, 0], alarmCost: 1 });
  for (const { threshold, alarms } of points) {
    assert.equal(close.filter((score) => score > threshold).length, alarms, String(threshold));
  }
});

test('an alarm that costs more than any anomaly is not raised; one that costs nothing always is', () => {
  assert.equal(costCurve(scores, isAnomaly, { amounts, alarmCost: 200 }).cheapest.alarms, 0);
  assert.equal(costCurve(scores, isAnomaly, { amounts, alarmCost: 0 }).cheapest.caught, 3);
});

test('amounts that are none, and rows of one kind', () => {
  const code = { code: 'BAD_DATA' };
  assert.throws(
    () => costCurve(scores, isAnomaly, { amounts: [Number.NaN, 0, 0, 0, 0, 0], alarmCost: 1 }),
    code,
  );
  assert.throws(() => costCurve(scores, isAnomaly, { amounts: [-1, 0, 0, 0, 0, 0], alarmCost: 1 }), code);
  assert.throws(() => costCurve([1, 2], [0, 0], { amounts: [1, 1], alarmCost: 1 }), code);
});
