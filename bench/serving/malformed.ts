// 10,000 malformed requests over a socket: each a 4xx with a problem, no crash, and the next good one is answered.

import { join } from 'node:path';
import { createDigits } from '../../src/data/digits.ts';
import { save } from '../../src/detect/storage.ts';
import { train } from '../../src/detect/train.ts';
import { createApp } from '../../src/serve/app.ts';
import { malformed } from '../../test/serve/malformed.ts';
import type { BenchContext } from '../serve.ts';

export async function benchMalformed({ detector, folder, report }: BenchContext): Promise<void> {
  const digits = join(folder, 'digits');
  const trained = await train(createDigits({ seed: 1, trainCount: 300, testCount: 10 }).train, {
    epochs: 1,
    options: { latentDim: 4 },
  });
  await save(trained, digits);
  const app = await createApp({ detectors: { transactions: detector, digits }, reloadMs: 0 });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const statuses: Record<string, number> = {};
  let [wrong, goodFailed] = [0, 0];
  const requests = malformed('bench');
  const total = 10_000;
  const ask = async (): Promise<void> => {
    const next = requests.next().value;
    if (next === undefined) return;
    const reply = await fetch(url + next.url, {
      method: next.method,
      headers: next.headers,
      body: next.payload as BodyInit,
    });
    statuses[reply.status] = (statuses[reply.status] ?? 0) + 1;
    const isProblem = reply.headers.get('content-type')?.startsWith('application/problem+json') === true;
    const { status } = (await reply.json()) as { status: number };
    if (!isProblem || status !== reply.status || status < 400 || status >= 500) {
      wrong++;
      console.error(next.kind, next.url, String(next.payload).slice(0, 200), reply.status);
    }
  };
  const good = JSON.stringify({ row: { amount: 30, hour: 5, country: 'DE' } });
  for (let done = 0; done < total; done += 20) {
    await Promise.all(Array.from({ length: 20 }, ask));
    const headers = { 'content-type': 'application/json' };
    const reply = await fetch(`${url}/v1/detectors/transactions/score`, {
      method: 'POST',
      headers,
      body: good,
    });
    await reply.text();
    if (reply.status !== 200) goodFailed++;
  }
  await app.close();
  report('10,000 malformed requests: each a 4xx with a problem, the next good one answered', {
    total,
    wrong,
    goodFailed,
    statuses,
  });
}
