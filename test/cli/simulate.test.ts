// `oddity simulate`: whole files, compressed or not, the same for a seed; bad flags and Ctrl-C leave nothing behind.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { failsWith, isOneLine, oddity, oddityHere, remove, scratch, succeeds } from './support.ts';

describe('simulate', () => {
  const folder = scratch();
  const small = ['simulate', 'transactions', '--customers', '60', '--terminals', '40', '--days', '7'];
  const at = (name: string): string => join(folder, name);
  const text = (name: string): string => readFileSync(at(name), 'utf8');
  after(() => remove(folder));

  test('a CSV file and a line about it; the summary as JSON counts the same', async () => {
    const line = await succeeds([...small, '--fraud', '2%', '--out', at('a.csv')]);
    assert.match(line, /a\.csv: \d+ transactions, \d+ of them fraud \(\S+%\)\n$/);
    const [header, ...rows] = text('a.csv').trimEnd().split('\n');
    assert.match(header!, /^transaction_id,time,customer_id,.*,is_fraud,fraud_pattern$/);
    const summary = JSON.parse(
      await succeeds([...small, '--fraud', '0.02', '--out', at('b.csv'), '--json', '--quiet']),
    );
    assert.equal(text('b.csv'), text('a.csv'));
    assert.equal(summary.transactions, rows.length);
    assert.equal(summary.frauds, rows.filter((row) => row.split(',')[7] === '1').length);
    assert.equal(summary.fraudShare, summary.frauds / summary.transactions);
    const { customers, terminals, days, start, seed } = summary;
    assert.deepEqual([customers, terminals, days, start, seed], [60, 40, 7, '2024-01-01', 0]);
    for (const [pattern, count] of Object.entries(summary.patterns)) {
      assert.equal(rows.filter((row) => row.endsWith(`,${pattern}`)).length, count);
    }
  });

  test('.csv.gz holds the same text, equal bytes for equal seeds, others for another seed or start', async () => {
    for (const name of ['c.csv.gz', 'd.csv.gz']) await succeeds([...small, '--seed', '4', '--out', at(name)]);
    await succeeds([...small, '--seed', '4', '--out', at('e.csv')]);
    assert.deepEqual(readFileSync(at('c.csv.gz')), readFileSync(at('d.csv.gz')));
    assert.equal(gunzipSync(readFileSync(at('c.csv.gz'))).toString(), text('e.csv'));
    await succeeds([...small, '--seed', '5', '--out', at('f.csv')]);
    assert.notEqual(text('f.csv'), text('e.csv'));
    await succeeds([...small, '--start', '2023-05-06', '--out', at('new/g.csv')]);
    assert.match(text('new/g.csv').split('\n')[1]!, /^1,2023-05-06T/);
  });

  test('a file that is there stays unless --overwrite', async () => {
    writeFileSync(at('kept.csv'), 'mine');
    await failsWith([...small, '--out', at('kept.csv')], 2, /is there already.*--overwrite/);
    assert.equal(text('kept.csv'), 'mine');
    await succeeds([...small, '--out', at('kept.csv'), '--overwrite']);
    assert.match(text('kept.csv'), /^transaction_id,/);
  });

  test('what makes no sense is one line, and nothing is written', async () => {
    const before = readdirSync(folder);
    const out = ['--out', at('never.csv')];
    await failsWith(['simulate', 'weather', ...out], 2, /expected 'transactions', got 'weather'/);
    await failsWith(['simulate', ...out], 2, /missing required argument 'what'/);
    await failsWith(['simulate', 'transactions'], 2, /expected --out <file>/);
    await failsWith([...small, '--out', at('never.parquet')], 2, /\.csv or \.csv\.gz/);
    for (const [flag, value, message] of [
      ['--customers', '0', /from 1 to 1,000,000/],
      ['--terminals', 'many', /from 1 to 1,000,000/],
      ['--days', '36501', /from 1 to 36,500/],
      ['--fraud', '30%', /share from 0 to 0\.2/],
      ['--start', '2024-02-30', /a day such as 2024-01-31, got 2024-02-30/],
      ['--seed', '-1', /whole number/],
    ] as const) {
      await failsWith([...small, ...out, flag, value], 2, message);
    }
    writeFileSync(at('file'), '');
    await failsWith([...small, '--out', at('file/x.csv')], 8, /expected to be able to write/);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name !== 'file'),
      before,
    );
  });

  test('Ctrl-C in the middle leaves no file, and one that was there as it was', async () => {
    writeFileSync(at('old.csv'), 'mine');
    const before = readdirSync(folder);
    const words = ['simulate', 'transactions', '--days', '36500', '--out', at('old.csv'), '--overwrite'];
    const stopped = await oddity([...words, '--quiet'], {
      onStart(child) {
        const timer = setInterval(() => {
          if (readdirSync(folder).length === before.length) return;
          clearInterval(timer);
          child.kill('SIGINT');
        }, 20);
        child.on('close', () => clearInterval(timer));
      },
    });
    isOneLine(stopped, 130, /stopped before the end; nothing was written/);
    assert.equal(text('old.csv'), 'mine');
    assert.deepEqual(readdirSync(folder), before);
  });

  test('help names the command', async () => {
    assert.match((await oddityHere(['--help'])).stdout, /simulate <what>/);
    assert.match((await oddityHere(['simulate', '--help'])).stdout, /--overwrite/);
  });
});
