// Classes and splits: the right rows, none twice, and errors that list the choices.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { catalogue } from '../../src/data/catalogue.ts';
import { toImageSet } from '../../src/data/images-from-pixels.ts';
import {
  allRowsAsTest,
  countLabels,
  joinSets,
  resolveClass,
  rowsOfClasses,
  selectRows,
  splitRows,
} from '../../src/data/select.ts';
import { failsWith } from './support.ts';

const labels = Uint8Array.from({ length: 60 }, (_, i) => (i * 7) % 4);
const set = toImageSet(
  Uint8Array.from({ length: 120 }, (_, i) => i),
  [1, 2, 1],
  { labels },
);
const plainSet = toImageSet(new Uint8Array(6), [1, 2, 1]);

test('selectRows copies pixels and labels in the order given', () => {
  const chosen = selectRows(set, [3, 0]);
  assert.deepEqual([...chosen.pixels], [6, 7, 0, 1]);
  assert.deepEqual([...(chosen.labels ?? [])], [labels[3], labels[0]]);
  assert.equal(selectRows(plainSet, [1]).labels, undefined);
  for (const row of [-1, 60, 1.5]) failsWith(() => selectRows(set, [row]), 'BAD_USAGE', /rows 0 to 59/);
});

test('joinSets and allRowsAsTest keep the order', () => {
  const joined = joinSets(selectRows(set, [5]), selectRows(set, [2]));
  assert.deepEqual([...joined.pixels], [10, 11, 4, 5]);
  failsWith(() => joinSets(set, toImageSet(new Uint8Array(3), [1, 3, 1])), 'BAD_DATA', /1x2x1 and 1x3x1/);
  const all = allRowsAsTest({ name: 'x', classNames: [], train: set, test: selectRows(set, [0]) });
  assert.deepEqual([all.train.count, all.test.count, all.test.pixels[120]], [0, 61, 0]);
});

describe('rowsOfClasses', () => {
  const classes = (rows: Uint32Array) => [...new Set(Array.from(rows, (row) => labels[row]))].sort();

  test('one side given leaves the rest to the other; both take only what they name', () => {
    const first = rowsOfClasses(set, { normal: [1, 2] });
    assert.deepEqual(
      [classes(first.normal), classes(first.anomaly)],
      [
        [1, 2],
        [0, 3],
      ],
    );
    assert.equal(first.normal.length + first.anomaly.length, 60);
    const second = rowsOfClasses(set, { anomaly: [0] });
    assert.deepEqual([classes(second.normal), classes(second.anomaly)], [[1, 2, 3], [0]]);
    const third = rowsOfClasses(set, { normal: [0], anomaly: [3] });
    assert.deepEqual([classes(third.normal), classes(third.anomaly)], [[0], [3]]);
    assert.deepEqual([...rowsOfClasses(plainSet, {}).normal], [0, 1, 2]);
    assert.deepEqual(countLabels(set), [15, 15, 15, 15]);
  });

  test('refuses empty classes, overlaps and unlabelled sets', () => {
    failsWith(
      () => rowsOfClasses(set, { normal: [4] }, ['a', 'b', 'c', 'd', 'e']),
      'BAD_DATA',
      /class 4 \(e\), got none; the classes here are 0 \(a\), 1 \(b\), 2 \(c\), 3 \(d\)$/,
    );
    failsWith(() => rowsOfClasses(set, { normal: [1], anomaly: [1] }), 'BAD_USAGE', /got 1 as normal and as/);
    failsWith(() => rowsOfClasses(plainSet, { normal: [1] }), 'BAD_DATA', /without labels/);
    failsWith(() => countLabels(plainSet), 'BAD_DATA', /without labels/);
  });
});

describe('splitRows', () => {
  test('is disjoint, complete, seeded, and keeps to the rows given', () => {
    const rows = rowsOfClasses(set, { normal: [1, 2] }).normal;
    for (const fraction of [0.01, 0.2, 0.5, 0.99]) {
      const split = splitRows(set, { calibrationFraction: fraction, seed: 3, rows });
      const both = [...split.training, ...split.calibration].sort((a, b) => a - b);
      assert.deepEqual(both, [...rows]);
      assert.equal(split.calibration.length, Math.min(29, Math.max(1, Math.round(30 * fraction))));
      assert.deepEqual(
        [...split.training],
        [...split.training].sort((a, b) => a - b),
      );
      assert.deepEqual(splitRows(set, { calibrationFraction: fraction, seed: 3, rows }), split);
    }
    const other = (seed: number) => splitRows(set, { calibrationFraction: 0.5, seed }).calibration.join();
    assert.notEqual(other(1), other(2));
  });

  test('counts a row once, even when it is given twice', () => {
    const split = splitRows(set, { calibrationFraction: 0.5, seed: 0, rows: [4, 4, 5, 5] });
    assert.deepEqual([...split.training, ...split.calibration].sort(), [4, 5]);
  });

  test('refuses fractions and counts that leave a side empty', () => {
    for (const calibrationFraction of [0, 1, -1, Number.NaN]) {
      failsWith(() => splitRows(set, { calibrationFraction, seed: 0 }), 'BAD_USAGE', /between 0 and 1/);
    }
    failsWith(
      () => splitRows(set, { calibrationFraction: 0.5, seed: 0, rows: [1] }),
      'BAD_DATA',
      /at least 2 rows/,
    );
  });
});

test('resolveClass takes an index, a name in any case, or the start of one', () => {
  const fashion = { name: 'fashion-mnist', classNames: catalogue['fashion-mnist'].classNames };
  const cases = {
    7: 7,
    ' 7 ': 7,
    sneaker: 7,
    'ankle BOOT': 9,
    ankle: 9,
    'ankle-boot': 9,
    shirt: 6,
    't-shirt': 0,
  };
  for (const [text, index] of Object.entries(cases)) assert.equal(resolveClass(fashion, text), index, text);
  for (const text of ['10', '-1', '', '  ', 's', 'boots', '1.5', '7e0']) {
    failsWith(
      () => resolveClass(fashion, text),
      'BAD_USAGE',
      /choices are 0 \(T-shirt\/top\), 1 \(Trouser\)/,
    );
  }
  failsWith(() => resolveClass({ name: 'x', classNames: [] }, '1'), 'BAD_USAGE', /x has no labels/);
});
