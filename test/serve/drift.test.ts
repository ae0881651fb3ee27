// Drift: silence where traffic is like the training, the right names where it is not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDriftMonitor } from '../../src/serve/drift/monitor.ts';
import { driftReferenceOf } from '../../src/serve/drift/reference.ts';
import { kolmogorovSmirnovChance, stabilityIndex } from '../../src/serve/drift/statistics.ts';
import { rowFormatOf } from '../../src/serve/rows/format.ts';
import { readRecords } from '../../src/serve/rows/table-rows.ts';
import { tableOf, trainTransactions, transactions } from './support.ts';

test('the statistics agree with their tables', () => {
  // Critical values of Kolmogorov's distribution: 1.358 / sqrt(n) at 5 %, 1.628 / sqrt(n) at 1 %.
  for (const [lambda, chance] of [
    [1.358, 0.05],
    [1.628, 0.01],
  ] as const) {
    const n = 1e6;
    assert.ok(Math.abs(kolmogorovSmirnovChance(lambda / Math.sqrt(n / 2), n, n) - chance) < 5e-4);
  }
  assert.equal(stabilityIndex([10, 20, 30], [10, 20, 30]), 0);
  assert.ok(stabilityIndex([100, 900], [900, 100]) > 3);
});

test('like traffic is quiet; moved amounts and a new country are named', async () => {
  const detector = await trainTransactions();
  const format = rowFormatOf(detector.manifest.data);
  const watch = async (rows: ReturnType<typeof transactions>) => {
    const monitor = createDriftMonitor(driftReferenceOf(detector.parts));
    const { pValue } = await detector.score(tableOf(rows), { terms: false });
    monitor.observe(readRecords(format, rows), pValue);
    return monitor.report();
  };
  const same = await watch(transactions(2000, 'same'));
  assert.deepEqual(same.warnings, []);
  assert.ok(same.distance < 0.1 && same.columns.every(({ stabilityIndex: index }) => index < 0.1));

  const moved = await watch(transactions(2000, 'same', 25));
  assert.ok(moved.chance < 1e-6);
  assert.equal(moved.columns[0]?.name, 'amount');
  assert.match(moved.warnings.join('; '), /p-values are not uniform.*column 'amount' has moved/);
  assert.ok(!moved.warnings.join().includes("'hour'"));

  const abroad = await watch(transactions(2000, 'same').map((row) => ({ ...row, country: 'Atlantis' })));
  assert.match(abroad.warnings.join('; '), /column 'country' has moved/);
  await detector.close();
});
