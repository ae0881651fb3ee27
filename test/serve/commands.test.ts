// serve, stream and drift through the command line: they start, answer, refuse, and end well when told to.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { TableSet } from '../../src/data/table.ts';
import { load } from '../../src/detect/storage.ts';
import { failsWith, program, succeeds } from '../cli/support.ts';
import { remove, scratch, tableOf, transactions } from './support.ts';

describe('commands', () => {
  const folder = scratch();
  const saved = join(folder, 'transactions');
  const csv = (name: string, rows: ReturnType<typeof transactions>): string => {
    const path = join(folder, name);
    const lines = rows.map(({ amount, hour, country }) => `${amount},${hour},${country}`);
    writeFileSync(path, `amount,hour,country\n${lines.join('\n')}\n`);
    return path;
  };
  before(async () => {
    const rates = ['--false-alarm-rate', '0.05', '--epochs', '2', '--threads', '1'];
    await succeeds(['train', csv('train.csv', transactions(1000, 'train')), '--out', saved, ...rates]);
  });
  after(() => remove(folder));

  const start = (words: readonly string[]): ChildProcess & { readonly ended: Promise<number | null> } => {
    const [file = '', ...rest] = [...program, ...words];
    const child = spawn(file, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
    return Object.assign(child, {
      ended: new Promise<number | null>((resolve) => child.once('exit', resolve)),
    });
  };

  test('serve answers on its port and ends with 0 on SIGTERM', { timeout: 60_000 }, async () => {
    const child = start(['serve', `fraud=${saved}`, '--port', '0', '--token', 'secret', '--json', '--quiet']);
    let out = '';
    for await (const chunk of child.stdout ?? []) {
      out += chunk;
      if (out.includes('\n}\n')) break;
    }
    const { url, detectors } = JSON.parse(out);
    assert.deepEqual(detectors, ['fraud']);
    const [row] = transactions(1, 'one');
    const ask = (token: string) =>
      fetch(`${url}/v1/detectors/fraud/score`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ row }),
      });
    assert.equal((await ask('wrong')).status, 401);
    const reply = await ask('secret');
    assert.equal(reply.status, 200);
    assert.ok(Number.isFinite(((await reply.json()) as { results: { score: number }[] }).results[0]?.score));
    const live = await fetch(`${url}/v1/live`, { headers: { authorization: 'Bearer secret' } });
    let events = '';
    for await (const chunk of live.body ?? []) {
      events += Buffer.from(chunk).toString();
      if (events.includes('data: ')) break;
    }
    assert.match(events, /"name":"fraud"/);
    child.kill('SIGTERM');
    assert.equal(await child.ended, 0);
  });

  test('serve refuses other addresses without a token, and names that clash', async () => {
    await failsWith(['serve', saved, '--host', '0.0.0.0'], 2, /expected --token/);
    await failsWith(['serve', saved, join(folder, 'x', '..', 'transactions')], 2, /'transactions' twice/);
    await failsWith(['serve', join(folder, 'nothing')], 5, /is no detector/);
    await failsWith(['stream', saved], 2, /expected --stdin, or --nats/);
    await failsWith(
      ['stream', saved, '--nats', 'nats://127.0.0.1:1', '--in', 'a', '--out', 'b'],
      9,
      /expected a NATS server/,
    );
  });

  test('stream --stdin scores line by line, in order, as the library does', { timeout: 60_000 }, async () => {
    const rows = transactions(3000, 'lines');
    const child = start(['stream', saved, '--stdin', '--id', 'key', '--quiet']);
    const lines = rows.map((row, i) => JSON.stringify({ key: `k${i}`, ...row }));
    lines.splice(1500, 0, 'nonsense', '', '{"key": "x", "amount": 1}');
    child.stdin?.end(lines.join('\n'));
    let out = '';
    for await (const chunk of child.stdout ?? []) out += chunk;
    assert.equal(await child.ended, 0);
    const results = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const errors = results.splice(1500, 2);
    assert.match(errors[0].error, /expected a JSON object/);
    assert.deepEqual([errors[0].id, errors[1].id], ['1501', '1503']);
    assert.match(errors[1].error, /expected a column 'hour'/);
    const detector = await load<TableSet>(saved, { threads: 1 });
    const { score } = await detector.score(tableOf(rows), { terms: false });
    assert.deepEqual(
      results.map(({ id }) => id),
      rows.map((_, i) => `k${i}`),
    );
    assert.deepEqual(
      results.map((each) => each.score),
      Array.from(score),
    );
    await detector.close();
  });

  test('drift says what has moved, and is silent where nothing has', async () => {
    const same = JSON.parse(
      await succeeds(['drift', saved, csv('same.csv', transactions(2000, 'same')), '--json']),
    );
    assert.equal(same.drifted, false, JSON.stringify(same.warnings));
    const moved = await succeeds(['drift', saved, csv('moved.csv', transactions(2000, 'same', 30))]);
    assert.match(moved, /drift: the p-values are not uniform/);
    assert.match(moved, /drift: the column 'amount' has moved/);
  });
});
