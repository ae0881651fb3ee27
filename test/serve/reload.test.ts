// A detector that is replaced while it is asked: no request fails, and a broken folder changes nothing.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { save } from '../../src/detect/storage.ts';
import { createApp } from '../../src/serve/app.ts';
import { remove, scratch, trainTransactions, transactions } from './support.ts';

test('a new version takes over between two requests, a broken one is refused', {
  timeout: 60_000,
}, async () => {
  const folder = scratch();
  const saved = join(folder, 'transactions');
  const [first, second] = [await trainTransactions(1), await trainTransactions(2)];
  await save(first, saved);
  const notices: string[] = [];
  const app = await createApp({
    detectors: { transactions: saved },
    reloadMs: 50,
    onNotice: (text) => notices.push(text),
  });
  const [row] = transactions(1, 'asked');
  const byVersion = new Map<string, Set<number>>();
  const ask = async (): Promise<void> => {
    const reply = await app.inject({
      method: 'POST',
      url: '/v1/detectors/transactions/score',
      payload: { row },
    });
    assert.equal(reply.statusCode, 200, reply.body);
    const { version, results } = reply.json();
    byVersion.set(version, (byVersion.get(version) ?? new Set()).add(results[0].score));
  };
  const versions = async () => (await app.inject('/v2/models/transactions/versions')).json();
  const askUntil = async (
    isDone: (found: Awaited<ReturnType<typeof versions>>) => boolean,
  ): Promise<void> => {
    while (!isDone(await versions())) await Promise.all(Array.from({ length: 8 }, ask));
    await ask();
  };
  const before = (await versions()).active;
  await ask();
  await save(second, saved);
  await askUntil(({ active }) => active !== before);
  assert.equal(byVersion.size, 2);
  for (const scores of byVersion.values()) assert.equal(scores.size, 1, 'one version gives a row one score');
  const after = await versions();
  assert.deepEqual(
    after.versions.map(({ state }: { state: string }) => state),
    ['active', 'replaced'],
  );

  writeFileSync(join(saved, 'detector.onnx'), 'no model');
  await askUntil(({ versions: [newest] }) => newest.state === 'refused');
  const refused = await versions();
  assert.equal(refused.active, after.active);
  assert.match(refused.versions[0].reason, /detector\.onnx was changed/);
  assert.equal(byVersion.size, 2);
  assert.match(notices.join('\n'), /has taken the place of[\s\S]*was refused, .* keeps serving/);

  await save(first, saved);
  await askUntil(({ active }) => active === before);
  await app.close();
  await Promise.all([first.close(), second.close()]);
  remove(folder);
});
