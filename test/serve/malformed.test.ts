// Fuzzed requests: each is a 4xx with a problem, and the next good one is answered.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import type { RowSet } from '../../src/data/rows.ts';
import type { Detector } from '../../src/detect/detector.ts';
import { createApp } from '../../src/serve/app.ts';
import { digits, trainTiny } from '../tiny-detector.ts';
import { malformed } from './malformed.ts';
import { trainTransactions } from './support.ts';

test('600 malformed requests are refused in one line; images come as arrays, PNG and JPEG', async () => {
  const [transactions, images] = [await trainTransactions(), await trainTiny({ epochs: 1 })];
  const detectors = { transactions, digits: images as Detector<RowSet> };
  const failures: unknown[] = [];
  const app = await createApp({
    detectors: detectors as Record<string, Detector<RowSet>>,
    onFailure: (error) => failures.push(error),
  });
  const payload = { row: { amount: 30, hour: 5, country: 'DE' } };
  const requests = malformed(1);
  for (let i = 0; i < 600; i++) {
    const { kind, ...request } = requests.next().value!;
    const reply = await app.inject(request);
    const shown = `${kind} ${request.url}: ${String(request.payload).slice(0, 200)} -> ${reply.statusCode} ${reply.body.slice(0, 300)}`;
    assert.ok(reply.statusCode >= 400 && reply.statusCode < 500, shown);
    assert.match(String(reply.headers['content-type']), /^application\/problem\+json/, shown);
    const { status, detail, title, code } = reply.json();
    assert.ok(status === reply.statusCode && detail !== '' && title !== '' && code !== '', shown);
    assert.ok(!/\n/.test(detail) && detail.length <= 500, shown);
    if (i % 50 === 0) {
      const next = await app.inject({ method: 'POST', url: '/v1/detectors/transactions/score', payload });
      assert.equal(next.statusCode, 200);
    }
  }
  assert.deepEqual(failures, []);

  const pixels = digits.test.pixels.slice(0, 784);
  const { score } = await images.score({ shape: [28, 28, 1], count: 1, pixels }, { terms: false });
  const raw = sharp(pixels, { raw: { width: 28, height: 28, channels: 1 } });
  const [png, jpeg] = [
    await raw.clone().png().toBuffer(),
    await raw.clone().jpeg({ quality: 100 }).toBuffer(),
  ];
  const url = '/v1/detectors/digits/score';
  const file = (type: string, body: Buffer) =>
    app.inject({ method: 'POST', url, headers: { 'content-type': type }, payload: body });
  const nested = Array.from({ length: 28 }, (_, y) => Array.from(pixels.subarray(28 * y, 28 * y + 28)));
  const inJson = await app.inject({
    method: 'POST',
    url,
    payload: { images: [Array.from(pixels), nested, png.toString('base64')] },
  });
  const scores = inJson.json().results.map((each: { score: number }) => each.score);
  assert.equal(inJson.statusCode, 200, inJson.body);
  for (const each of scores) assert.ok(Math.abs(each - score[0]!) < 1e-5);
  assert.ok(Math.abs((await file('image/png', png)).json().results[0].score - score[0]!) < 1e-5);
  assert.equal((await file('image/jpeg', jpeg)).statusCode, 200);
  const small = await sharp(png).resize(10, 10).png().toBuffer();
  assert.match((await file('image/png', small)).json().detail, /expected 28 x 28 pixels.*got 10 x 10/);
  const explained = await app.inject({
    method: 'POST',
    url: url.replace('score', 'explain'),
    payload: { images: [nested] },
  });
  assert.equal(explained.json().results[0].contributions.length, 784);
  await app.close();
  await Promise.all([transactions.close(), images.close()]);
});
