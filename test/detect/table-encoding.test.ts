// Columns to features and back: against the formulas, with missing, unseen, constant and infinite values.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TableSet } from '../../src/data/table.ts';
import { decodeFeatures } from '../../src/detect/tables/decoding.ts';
import { fitEncoding, type Scaling } from '../../src/detect/tables/encoding.ts';
import { tableModality } from '../../src/detect/tables/modality.ts';
import { normalQuantile } from '../../src/detect/tables/normal-quantile.ts';
import { createRandom } from '../../src/nn/random.ts';

const numbers = (name: string, values: ArrayLike<number>) =>
  ({ kind: 'number', name, values: Float32Array.from(values) }) as const;
const texts = (name: string, values: readonly string[]) => {
  const dictionary = [...new Set(values.filter((value) => value !== ''))];
  const codes = Int32Array.from(values, (value) => (value === '' ? -1 : dictionary.indexOf(value)));
  return { kind: 'category', name, codes, dictionary } as const;
};
const tableOf = (...columns: TableSet['columns'][number][]): TableSet => ({
  count: columns[0]?.kind === 'number' ? columns[0].values.length : (columns[0]?.codes.length ?? 0),
  columns,
});

async function featuresOf(training: TableSet, rows: TableSet, scaling: Scaling): Promise<number[][]> {
  const modality = tableModality(fitEncoding(training, scaling));
  const { values, count } = await modality.store(rows, { session: { threads: 1 } });
  const size = values.length / count;
  return Array.from({ length: count }, (_, row) => [...values.subarray(row * size, (row + 1) * size)]);
}

test('the normal quantile is that of published tables', () => {
  // NIST/SEMATECH handbook and Wichura (1988), algorithm AS 241.
  assert.ok(Math.abs(normalQuantile(0.5)) < 1e-7);
  assert.ok(Math.abs(normalQuantile(0.975) - 1.959963985) < 1e-6);
  assert.ok(Math.abs(normalQuantile(0.001) + 3.090232306) < 1e-6);
  assert.ok(Math.abs(normalQuantile(1e-7) + 5.199337582) < 1e-4);
  assert.throws(() => normalQuantile(0), /between 0 and 1/);
});

test('standard scaling is (x - mean) / deviation, and a constant column is 0', async () => {
  const training = tableOf(numbers('a', [1, 2, 3, 6]), numbers('b', [5, 5, 5, 5]));
  const rows = tableOf(numbers('a', [3, 13]), numbers('b', [5, 6]));
  const [first, second] = await featuresOf(training, rows, 'standard');
  const deviation = Math.sqrt((4 + 1 + 0 + 9) / 4);
  assert.deepEqual(first, [0, 0]);
  assert.ok(Math.abs((second?.[0] ?? 0) - 10 / deviation) < 1e-6);
  assert.equal(second?.[1], 1);
});

test('quantile scaling makes any law normal, keeps order, and goes on beyond what training saw', async () => {
  const random = createRandom('quantile');
  const values = Float32Array.from({ length: 4000 }, () => Math.exp(random.normal()));
  const training = tableOf(numbers('a', values));
  const features = (await featuresOf(training, training, 'quantile')).map(([x]) => x ?? 0);
  const mean = features.reduce((sum, x) => sum + x, 0) / features.length;
  const variance = features.reduce((sum, x) => sum + (x - mean) ** 2, 0) / features.length;
  assert.ok(Math.abs(mean) < 0.02 && Math.abs(variance - 1) < 0.05, `mean ${mean}, variance ${variance}`);
  const order = [...values.keys()].sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  assert.ok(order.every((row, i) => i === 0 || (features[row] ?? 0) >= (features[order[i - 1] ?? 0] ?? 0)));
  const top = Math.max(...values);
  const far = tableOf(numbers('a', [top, 10 * top, 1e30, Number.POSITIVE_INFINITY]));
  const [last = 0, beyond = 0, huge = 0, infinite = 0] = (await featuresOf(training, far, 'quantile')).map(
    ([x]) => x ?? 0,
  );
  assert.ok(last < beyond && beyond < huge && huge <= infinite && Number.isFinite(infinite));
});

test('log scaling tames heavy tails only, and what comes out has mean 0 and variance 1', async () => {
  const random = createRandom('log');
  const light = Float32Array.from({ length: 2000 }, () => 5 + random.uniform());
  const heavy = Float32Array.from({ length: 2000 }, () => Math.exp(2 * random.normal()));
  const training = tableOf(numbers('light', light), numbers('heavy', heavy));
  const fitted = fitEncoding(training, 'log');
  assert.deepEqual(
    fitted.encoding.columns.map((column) => column.kind === 'number' && column.tamed),
    [false, true],
  );
  const features = await featuresOf(training, training, 'log');
  for (const column of [0, 1]) {
    const values = features.map((row) => row[column] ?? 0);
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
    assert.ok(Math.abs(mean) < 1e-3 && Math.abs(variance - 1) < 1e-3);
  }
  const far = tableOf(numbers('light', [5, 1e30]), numbers('heavy', [1, Number.POSITIVE_INFINITY]));
  assert.ok((await featuresOf(training, far, 'log')).flat().every(Number.isFinite));
});

test('a missing number is as far out as training makes it: usual where it missed some, else far', async () => {
  const rows = tableOf(numbers('a', [Number.NaN]), numbers('b', [Number.NaN]));
  const training = tableOf(
    numbers(
      'a',
      Array.from({ length: 40 }, (_, i) => (i % 4 === 0 ? Number.NaN : i)),
    ),
    numbers(
      'b',
      Array.from({ length: 40 }, (_, i) => i),
    ),
  );
  for (const scaling of ['standard', 'log', 'quantile'] as const) {
    const [[a, b] = []] = await featuresOf(training, rows, scaling);
    assert.equal(a, 0);
    assert.equal(b, -8);
  }
});

test('categories are one-hot; missing is one of them where training missed some, unseen is never', async () => {
  const training = tableOf(texts('a', ['x', 'y', 'x', '', 'x']), texts('b', ['u', 'u', 'v', 'v', 'v']));
  const rows = tableOf(texts('a', ['y', '', 'new']), texts('b', ['u', '', 'v']));
  assert.deepEqual(await featuresOf(training, rows, 'quantile'), [
    [0, 0, 1, 0, /* b */ 0, 1, 0],
    [0, 1, 0, 0, /* b */ 0, 0, 1],
    [0, 0, 0, 1, /* b */ 1, 0, 0],
  ]);
});

test('features come back as the columns they were', async () => {
  const random = createRandom('back');
  const training = tableOf(
    numbers(
      'amount',
      Float32Array.from({ length: 500 }, () => Math.exp(random.normal())),
    ),
    texts(
      'kind',
      Array.from({ length: 500 }, (_, i) => ['food', 'fuel', ''][i % 3] ?? ''),
    ),
  );
  for (const scaling of ['standard', 'log', 'quantile'] as const) {
    const fitted = fitEncoding(training, scaling);
    const { values } = await tableModality(fitted).store(training, { session: { threads: 1 } });
    const back = decodeFeatures(fitted, values as Float32Array);
    const [amount, kind] = back.columns;
    assert.ok(amount?.kind === 'number' && kind?.kind === 'category');
    const original = training.columns[0]?.kind === 'number' ? training.columns[0].values : [];
    const worst = Math.max(...amount.values.map((value, i) => Math.abs(value / (original[i] ?? 0) - 1)));
    assert.ok(worst < 0.02, `${scaling}: ${worst}`);
    assert.deepEqual(
      [0, 1, 2].map((i) => kind.dictionary[kind.codes[i] ?? -1] ?? ''),
      ['food', 'fuel', ''],
    );
  }
});

test('columns that are missing or of another kind are refused in one line', () => {
  const modality = tableModality(
    fitEncoding(tableOf(numbers('a', [1, 2]), texts('b', ['x', 'y'])), 'quantile'),
  );
  assert.throws(() => modality.feed(tableOf(numbers('a', [1]))), /expected a column 'b', got a;/);
  assert.throws(
    () => modality.feed(tableOf(numbers('a', [1]), numbers('b', [1]))),
    /expected the column 'b' to hold categories, got numbers/,
  );
  assert.throws(
    () => modality.feed({ shape: [2, 2, 1], count: 1, pixels: new Uint8Array(4) }),
    /knows rows of a table, got images of 2 x 2 x 1/,
  );
  assert.throws(() => fitEncoding({ count: 0, columns: [] }, 'quantile'), /got 0 such columns and 0 rows/);
});
