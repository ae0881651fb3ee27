// NumPy's files: every kind of number, both orders, both byte orders; and damage, none of which passes.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { zipSync } from 'fflate';
import { inferSchema } from '../../src/data/tables/infer-schema.ts';
import { judgeLabels } from '../../src/data/tables/labels.ts';
import { parseNpy } from '../../src/data/tables/npy.ts';
import { parseNpz } from '../../src/data/tables/npz.ts';
import { readRows } from '../../src/data/tables/read-rows.ts';
import { openTable } from '../../src/data/tables/source.ts';
import { failsWith, rejectsWith } from './support.ts';
import { folderWith, npyBytes, openedFile, valuesOf } from './table-support.ts';

test('every dtype, in C and in Fortran order', () => {
  const cases: readonly (readonly [string, ArrayBufferView])[] = [
    ['<f8', Float64Array.of(1, 2, 3, 4, 5, 6)],
    ['<f4', Float32Array.of(1, 2, 3, 4, 5, 6)],
    ['|u1', Uint8Array.of(1, 2, 3, 4, 5, 6)],
    ['|i1', Int8Array.of(1, 2, 3, 4, 5, 6)],
    ['<i2', Int16Array.of(1, 2, 3, 4, 5, 6)],
    ['<u4', Uint32Array.of(1, 2, 3, 4, 5, 6)],
    ['<i8', BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n)],
    ['>i2', new Uint8Array([0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6])],
  ];
  for (const [dtype, data] of cases) {
    assert.deepEqual([...parseNpy(npyBytes(dtype, [2, 3], data), 'a').values], [1, 2, 3, 4, 5, 6], dtype);
    assert.deepEqual(
      [...parseNpy(npyBytes(dtype, [2, 3], data, true), 'a').values],
      [1, 3, 5, 2, 4, 6],
      dtype,
    );
  }
  const flags = parseNpy(npyBytes('|b1', [2], Uint8Array.of(0, 1)), 'a');
  assert.deepEqual([[...flags.values], flags.shape], [[0, 1], [2]]);
});

test('what is no array of numbers is said in one line', () => {
  const whole = npyBytes('<f8', [2, 3], new Float64Array(6));
  for (let length = 0; length < whole.length; length += 7) {
    failsWith(() => parseNpy(whole.subarray(0, length), 'cut'), 'BAD_DATA', /^cut: expected .+, got .+; /);
  }
  failsWith(() => parseNpy(npyBytes('|O', [2], new Uint8Array(2)), 'o'), 'BAD_DATA', /dtype '\|O'; convert/);
  failsWith(() => parseNpy(npyBytes('<U3', [1], new Uint8Array(12)), 'u'), 'BAD_DATA', /numbers .+ dtype/);
  failsWith(
    () => parseNpy(npyBytes('<f8', [], new Float64Array(1)), 's'),
    'BAD_DATA',
    /one dimension or more, got shape \(\)/,
  );
  // Images are three or four; as rows of a table they are refused by whoever reads tables.
  assert.deepEqual(parseNpy(npyBytes('<f8', [1, 2, 2], Float64Array.of(1, 2, 3, 4)), 'i').shape, [1, 2, 2]);
});

const X = npyBytes('<f4', [3, 2], Float32Array.of(1, 2, 3, NaN, 5, Infinity));
const y = npyBytes('<i8', [3], BigInt64Array.of(0n, 1n, 0n));

test('an npz is a table with x0, x1, ... and label y', async (context) => {
  for (const level of [0, 6] as const) {
    const source = await openedFile(context, 'a.npz', zipSync({ 'X.npy': X, 'y.npy': y }, { level }));
    assert.deepEqual(
      source.columns.map(({ name }) => name),
      ['x0', 'x1', 'y'],
    );
    const schema = await inferSchema(source, { label: 'y' });
    const { rows, label } = await readRows(source, schema);
    assert.deepEqual(valuesOf(rows, 'x0'), [1, 3, 5]);
    assert.deepEqual(valuesOf(rows, 'x1'), [2, NaN, Infinity]);
    assert.deepEqual([...judgeLabels(label!).isAnomaly], [0, 1, 0]);
  }
  const alone = await openedFile(context, 'a.npy', X);
  assert.equal((await readRows(alone, await inferSchema(alone))).total, 3);
});

test('every flipped byte of the content and every cut of an npz is refused', () => {
  const packed = zipSync({ 'X.npy': X, 'y.npy': y }, { level: 6 });
  const [start] = [30 + 'X.npy'.length];
  for (let at = start; at < start + 60; at++) {
    const bytes = Uint8Array.from(packed);
    bytes[at] = (bytes[at] ?? 0) ^ 0x41;
    failsWith(() => parseNpz(bytes, 'f'), 'BAD_DATA', /^f.*: expected an intact npz file/);
  }
  for (let length = 0; length < packed.length; length += 11) {
    failsWith(() => parseNpz(packed.subarray(0, length), 'c'), 'BAD_DATA', /expected an intact npz file/);
  }
});

test('arrays that do not belong together', async (context) => {
  const four = npyBytes('<i8', [4], new BigInt64Array(4));
  const open = (arrays: Record<string, Uint8Array>) =>
    openTable(join(folderWith(context, { 'a.npz': zipSync(arrays) }), 'a.npz'));
  await rejectsWith(open({ 'X.npy': X, 'y.npy': four }), 'BAD_DATA', /one label in y for each of 3 rows/);
  await rejectsWith(open({ 'a.npy': X, 'b.npy': X }), 'BAD_DATA', /got a \(3x2\), b \(3x2\); save with/);
  await rejectsWith(open({ 'note.txt': Uint8Array.of(1) }), 'BAD_DATA', /got no arrays/);
});
