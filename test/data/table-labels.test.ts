// Which label values mean normal, and what is said where that cannot be told.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CategoryColumn } from '../../src/data/table.ts';
import { judgeLabels, requireNormalRows } from '../../src/data/tables/labels.ts';
import { failsWith } from './support.ts';

function labels(...values: readonly (string | null)[]): CategoryColumn {
  const dictionary = [...new Set(values)].filter((value) => value !== null);
  const codes = Int32Array.from(values, (value) => (value === null ? -1 : dictionary.indexOf(value)));
  return { kind: 'category', name: 'class', codes, dictionary };
}

test('0 and 1, true and false, normal and other words speak for themselves', () => {
  for (const values of [
    ['0', '1', '0'],
    ['false', 'true', 'false'],
    ['No', 'Yes', 'No'],
    ['normal', 'neptune', 'normal'],
    ['BENIGN', 'DDoS', 'BENIGN'],
    ['normal.', 'smurf.', 'normal.'],
  ]) {
    assert.deepEqual([...judgeLabels(labels(...values)).isAnomaly], [0, 1, 0], String(values));
  }
  const kdd = judgeLabels(labels('normal', null, 'smurf', 'back', 'normal'));
  assert.deepEqual(kdd.counts, { normal: 2, anomalous: 2, unlabelled: 1 });
  assert.deepEqual([...kdd.isLabelled], [1, 0, 1, 1, 1]);
  assert.deepEqual([...kdd.isAnomaly], [0, 0, 1, 1, 0]);
});

test('given names decide; unknown ones list the choices', () => {
  const label = labels('a', 'b', 'c', 'a');
  assert.deepEqual([...judgeLabels(label, { normal: ['b', 'c'] }).isAnomaly], [1, 0, 0, 1]);
  assert.deepEqual([...judgeLabels(label, { normal: ['a', 'not here'] }).isAnomaly], [0, 1, 1, 0]);
  failsWith(
    () => judgeLabels(labels('normal', 'attack'), { normal: ['nomal'] }),
    'BAD_USAGE',
    /^--normal: expected values of the label 'class' \('normal', 'attack'\), got 'nomal'; did you mean 'normal'\?$/,
  );
  failsWith(() => judgeLabels(label), 'BAD_USAGE', /got 'a', 'b', 'c'; say which are normal with --normal/);
  const many = labels(...Array.from({ length: 20 }, (_, i) => `v${i}`));
  failsWith(() => judgeLabels(many), 'BAD_USAGE', /and 12 more/);
});

test('no normal row is an error where normal rows are needed', () => {
  const all = judgeLabels(labels('1', '1'));
  failsWith(
    () => requireNormalRows(all, 't.csv'),
    'BAD_DATA',
    /t\.csv: expected rows labelled '0', got 2 anomalous rows and none that is normal/,
  );
  const none = judgeLabels(labels(null, null), { normal: [] });
  failsWith(() => requireNormalRows(none, 't'), 'BAD_DATA', /2 rows without a label/);
  requireNormalRows(judgeLabels(labels('0', '1')), 't');
});
