// Drawn rows against real ones: the distances are those of known distributions.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TableSet } from '../../src/data/table.ts';
import type { Detector } from '../../src/detect/detector.ts';
import { showTableGeneration } from '../../src/evaluate/exhibition/table-generation.ts';
import { createRandom, fillNormal } from '../../src/nn/random.ts';

const count = 2000;
const normal = (key: string): Float32Array => fillNormal(new Float32Array(count), createRandom(key));

/** Two numbers, b = a + noise of the same size, and a category of which every fourth row is 'rare'. */
function someRows(key: string, shift: number, dictionary: readonly string[], other: number): TableSet {
  const [a, noise] = [normal(`${key}/a`).map((value) => value + shift), normal(`${key}/noise`)];
  return {
    count,
    columns: [
      { kind: 'number', name: 'a', values: a },
      { kind: 'number', name: 'b', values: a.map((value, i) => value + (noise[i] ?? 0)) },
      {
        kind: 'category',
        name: 'c',
        codes: Int32Array.from({ length: count }, (_, i) => (i % 4 === 3 ? other : 0)),
        dictionary,
      },
    ],
  };
}
const drawing = (rows: TableSet) => ({ generate: async () => rows }) as unknown as Detector<TableSet>;

test('of one distribution, columns are as far apart as chance allows', async () => {
  const real = someRows('real', 0, ['usual', 'rare'], 1);
  // The model knows no 'rare': its last name stands for all it does not know.
  const shown = await showTableGeneration(drawing(someRows('drawn', 0, ['usual', '(other)'], 1)), real);
  // Kolmogorov-Smirnov at 0.1 % for two sets of 2,000: 1.95 sqrt(2 / 2000).
  for (const difference of shown.differences) assert.ok((difference ?? 1) < 0.062, `${difference}`);
  for (const difference of shown.byChance) assert.ok((difference ?? 1) < 0.087, `${difference}`);
  assert.ok((shown.correlationError ?? 1) < 0.06);
  assert.equal(shown.samples.length, 10);
  assert.deepEqual(shown.samples[3]?.[2], '(other)');
});

test('a shift by one deviation is as far as the normal law says; lost correlations show', async () => {
  const real = someRows('real', 0, ['usual', 'rare'], 1);
  const moved = someRows('drawn', 1, ['usual', '(other)'], 0);
  const [first, second, third] = moved.columns as [
    TableSet['columns'][0],
    TableSet['columns'][0],
    TableSet['columns'][0],
  ];
  const torn = { count, columns: [first, { ...second, values: normal('own') } as typeof second, third] };
  const shown = await showTableGeneration(drawing(torn), real);
  // 2 Phi(1/2) - 1 = 0.383, within three standard errors.
  assert.ok(Math.abs((shown.differences[0] ?? 0) - 0.383) < 0.05, `${shown.differences[0]}`);
  assert.ok(Math.abs((shown.differences[2] ?? 0) - 0.25) < 1e-9);
  // The correlation of a and a + noise is sqrt(1/2).
  assert.ok(Math.abs((shown.correlationError ?? 0) - Math.SQRT1_2) < 0.06);
});
