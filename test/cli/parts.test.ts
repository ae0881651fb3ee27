// The small parts of the command line that need no process: codes, words and columns.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeClasses } from '../../src/cli/data.ts';
import { exitCodeOf, exitCodes } from '../../src/cli/exit-codes.ts';
import { list, rate } from '../../src/cli/flags.ts';
import { scoreRecords, toCsv } from '../../src/cli/measuring/score-records.ts';
import { alignRows } from '../../src/cli/text-table.ts';
import { resumeCommand } from '../../src/cli/training/end.ts';
import { choicesOf } from '../../src/cli/training/flags.ts';
import { OddityError } from '../../src/errors.ts';

test('exit codes differ, and none is 0 or 1', () => {
  const codes = Object.values(exitCodes);
  assert.equal(new Set(codes).size, codes.length);
  assert.ok(codes.every((code) => code > 1));
  assert.equal(exitCodeOf(new OddityError('ABORTED', 'stopped')), 130);
  assert.equal(exitCodeOf(new TypeError('a bug')), 1);
});

test('classes in words', () => {
  const digits = Array.from({ length: 10 }, (_, i) => String(i));
  assert.equal(describeClasses([9, 8, 7, 6, 5, 4, 2, 1, 0], digits), '0-2, 4-9');
  assert.equal(describeClasses([1, 0], digits), '0, 1');
  assert.equal(
    describeClasses([0, 1, 2], ['T-shirt/top', 'Trouser', 'Pullover']),
    'T-shirt/top, Trouser, Pullover',
  );
});

test('lists and rates from flags', () => {
  assert.deepEqual(list('1, coat', ['7']), ['7', '1', 'coat']);
  assert.throws(() => list('1,,2'), /between commas/);
  assert.equal(rate('0.1%'), 0.001);
  for (const text of ['0', '1', '', '%', '-1%', 'x', '100%'])
    assert.throws(() => rate(text), /between 0 and 1/);
});

test('flags become choices, the model’s own among its options', () => {
  assert.deepEqual(choicesOf({ epochs: 3, latentDim: 8 }), { epochs: 3, options: { latentDim: 8 } });
  assert.deepEqual(choicesOf({}), {});
});

test('the command to go on is this one, quoted where a shell needs it', () => {
  const words = ['train', "Anna's digits", '--out', 'runs/a', '--overwrite'];
  assert.match(resumeCommand(words), / train 'Anna'\\''s digits' --out runs\/a --resume$/);
});

test('scores as CSV', () => {
  const scores = {
    score: Float32Array.of(0.1, 7),
    pValue: Float32Array.of(0.5, 0.01),
    terms: { bound: Float32Array.of(1e-9, 2) },
  };
  assert.equal(
    toCsv(scoreRecords(scores, Uint8Array.of(3, 4), 5)),
    'row,label,score,p_value,verdict,bound\n0,3,0.1,0.5,normal,1e-9\n1,4,7,0.01,anomaly,2\n',
  );
});

test('columns align', () => {
  assert.equal(
    alignRows([
      ['name', 'x'],
      ['a', '10'],
      ['', ''],
    ]),
    'name   x\na     10\n',
  );
});
