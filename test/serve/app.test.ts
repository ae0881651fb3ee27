// The app without a socket: scores as the library gives them, limits, problems, protocol, metrics, pages.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { TableSet } from '../../src/data/table.ts';
import type { Detector } from '../../src/detect/detector.ts';
import { load } from '../../src/detect/storage.ts';
import { type App, createApp } from '../../src/serve/app.ts';
import { remove, saveTransactions, scratch, tableOf, transactions } from './support.ts';

describe('app', () => {
  const folder = scratch();
  const saved = join(folder, 'transactions');
  const rows = transactions(60, 'live');
  let app: App;
  let detector: Detector<TableSet>;
  const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json', ...headers },
      payload: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const scoreUrl = '/v1/detectors/transactions/score';

  before(async () => {
    await saveTransactions(saved);
    detector = await load<TableSet>(saved, { threads: 1 });
    app = await createApp({
      detectors: { transactions: saved },
      reloadMs: 0,
      maxRows: 100,
      maxBody: 100_000,
    });
  });
  after(async () => {
    await app.close();
    await detector.close();
    remove(folder);
  });

  test('rows, one row, columns and many requests at once get the scores of the library', async () => {
    const expected = await detector.score(tableOf(rows), { terms: false });
    const whole = await post(scoreUrl, { rows });
    assert.equal(whole.statusCode, 200, whole.body);
    const { results, threshold, falseAlarmRate } = whole.json();
    assert.equal(falseAlarmRate, 0.02);
    assert.deepEqual(
      results.map((each: { score: number }) => each.score),
      Array.from(expected.score),
    );
    assert.deepEqual(
      results.map((each: { pValue: number }) => each.pValue),
      Array.from(expected.pValue),
    );
    for (const { score, anomaly } of results) assert.equal(anomaly, score > threshold);

    const columns = Object.fromEntries(
      (['amount', 'hour', 'country'] as const).map((name) => [name, rows.map((row) => row[name])]),
    );
    assert.deepEqual((await post(scoreUrl, { columns })).json().results, results);

    const alone = await Promise.all(rows.map((row) => post(scoreUrl, { row })));
    for (const [i, reply] of alone.entries()) {
      assert.equal(reply.statusCode, 200);
      assert.equal(
        reply.json().results[0].score,
        expected.score[i],
        'bit for bit, whatever rows are beside it',
      );
    }
  });

  test('missing values and unknown categories are scored, other rates move the threshold', async () => {
    const odd = { amount: null, hour: 3, country: 'Atlantis' };
    const reply = await post(scoreUrl, { rows: [odd, { ...odd, country: null }], falseAlarmRate: 0.1 });
    assert.equal(reply.statusCode, 200, reply.body);
    assert.equal(reply.json().threshold, detector.threshold(0.1));
    assert.ok(reply.json().results.every(({ score }: { score: number }) => Number.isFinite(score)));
  });

  test('explanations sum to the score', async () => {
    const reply = await post('/v1/detectors/transactions/explain', { rows: rows.slice(0, 5) });
    for (const { score, contributions } of reply.json().results) {
      const sum = Object.values<number>(contributions).reduce((total, value) => total + value, 0);
      assert.ok(Math.abs(sum - score) < 1e-4);
      assert.deepEqual(Object.keys(contributions), ['amount', 'hour', 'country']);
    }
  });

  test('what cannot be scored is a problem in one line, with the status of its code', async () => {
    const good = rows[0]!;
    const { amount: _, ...lacking } = good;
    const cases: [unknown, number, RegExp][] = [
      [{ row: lacking }, 422, /row 0: expected a column 'amount', got 'hour', 'country'/],
      [{ rows: [good, { ...good, extra: 1 }] }, 422, /row 1: the detector has no column 'extra'/],
      [
        { row: { ...good, amount: '12' } },
        422,
        /column 'amount': expected a number or null, got the text '12'/,
      ],
      ['{"row": {"amount": 1e999, "hour": 1, "country": "DE"}}', 422, /within 32-bit floats, got Infinity/],
      ['{"row": {"amount": NaN}}', 400, /./],
      ['', 400, /./],
      ['[]', 400, /object/],
      [{}, 400, /expected one of row, rows, columns or images, got 0/],
      [{ row: good, rows: [good] }, 400, /got 2/],
      [{ rows: [] }, 422, /at least one row/],
      [{ rows: new Array(101).fill(good) }, 413, /at most 100 rows/],
      [{ images: [[1]] }, 422, /knows rows of a table/],
      [{ columns: { amount: [1], hour: [1, 2], country: ['DE'] } }, 422, /one length/],
      [{ row: good, falseAlarmRate: 1e-9 }, 400, /calibration rows/],
      [{ row: good, surprise: 1 }, 400, /additional properties/],
      ['{"__proto__": {"row": 1}, "row": {}}', 400, /./],
    ];
    for (const [body, status, detail] of cases) {
      const reply = await post(scoreUrl, body);
      assert.equal(reply.statusCode, status, `${JSON.stringify(body)}: ${reply.body}`);
      assert.match(String(reply.headers['content-type']), /^application\/problem\+json/);
      assert.equal(reply.json().status, status);
      assert.match(reply.json().detail, detail);
      assert.ok(!reply.json().detail.includes('\n'));
    }
    assert.equal((await post(scoreUrl, 'x'.repeat(200_000))).statusCode, 413);
    assert.equal((await post(scoreUrl, 'a,b', { 'content-type': 'text/csv' })).statusCode, 415);
    for (const name of ['nobody', '..%2f..%2fetc%2fpasswd', '__proto__', '%00', `${'a'.repeat(300)}`]) {
      const reply = await post(`/v1/detectors/${name}/score`, { row: good });
      assert.ok([404, 414].includes(reply.statusCode), `${name}: ${reply.statusCode} ${reply.body}`);
      assert.match(String(reply.headers['content-type']), /^application\/problem\+json/);
    }
    assert.equal((await app.inject('/v1/detectors/%zz')).statusCode, 400);
    assert.equal((await post(scoreUrl, { row: good })).statusCode, 200);
  });

  test('the Open Inference Protocol: metadata, tensors of the model, tensors by column, versions', async () => {
    const expected = await detector.score(tableOf(rows), { terms: false });
    assert.deepEqual((await app.inject('/v2/health/ready')).json(), { ready: true });
    assert.equal((await app.inject('/v2')).json().name, 'oddity');
    const metadata = (await app.inject('/v2/models/transactions')).json();
    assert.deepEqual(metadata.inputs, [
      { name: 'numbers', datatype: 'FP32', shape: [-1, 2] },
      { name: 'categories', datatype: 'BYTES', shape: [-1, 1] },
    ]);
    const count = rows.length;
    const numbers = {
      name: 'numbers',
      datatype: 'FP32',
      shape: [count, 2],
      data: rows.flatMap((row) => [row.amount, row.hour]),
    };
    const categories = {
      name: 'categories',
      datatype: 'BYTES',
      shape: [count, 1],
      data: rows.map(({ country }) => country),
    };
    const url = '/v2/models/transactions/infer';
    const reply = await post(url, { id: 'x', inputs: [numbers, categories] });
    assert.equal(reply.statusCode, 200, reply.body);
    const { outputs, id, model_version: version } = reply.json();
    assert.equal(id, 'x');
    assert.deepEqual(
      outputs.map((each: { name: string }) => each.name),
      ['score', 'p_value', 'anomaly'],
    );
    assert.deepEqual(outputs[0].data, Array.from(expected.score));
    const single = (name: string, datatype: string, value: unknown) => ({
      name,
      datatype,
      shape: [1],
      data: [value],
    });
    const byColumn = await post(`/v2/models/transactions/versions/${version}/infer`, {
      inputs: [single('amount', 'FP64', 30), single('hour', 'INT32', 5), single('country', 'BYTES', 'DE')],
      outputs: [{ name: 'contributions' }],
    });
    assert.deepEqual(byColumn.json().outputs[0].shape, [1, 3]);
    assert.equal((await post(url, { inputs: [numbers] })).statusCode, 422);
    assert.equal((await post(url, { inputs: [{ ...numbers, shape: [2, 2] }, categories] })).statusCode, 422);
    assert.equal(
      (await post('/v2/models/transactions/versions/0/infer', { inputs: [numbers] })).statusCode,
      404,
    );
    const versions = (await app.inject('/v2/models/transactions/versions')).json();
    assert.equal(versions.active, version);
    assert.equal(versions.versions[0].state, 'active');
  });

  test('metrics count requests, rows, batches and alarms; pages and the description are there', async () => {
    const text = (await app.inject('/metrics')).body;
    assert.match(text, /oddity_requests_total\{route="\/v1\/detectors\/:name\/score",status="200"\} \d/);
    assert.match(text, /oddity_request_seconds_bucket\{le="0.01",route=/);
    assert.match(text, /oddity_batch_rows_bucket/);
    assert.match(text, /oddity_rows_total\{detector="transactions"\} \d+/);
    assert.match(text, /oddity_drift_stability_index\{detector="transactions",column="amount"\}/);
    const page = await app.inject('/');
    assert.match(String(page.headers['content-security-policy']), /script-src 'sha256-/);
    assert.match(page.body, /Latest alarms/);
    assert.equal((await app.inject('/docs')).statusCode, 200);
    const described = (await app.inject('/openapi.json')).json();
    assert.ok(described.paths['/v1/detectors/transactions/score'].post.requestBody);
    const { example } =
      described.paths['/v1/detectors/transactions/explain'].post.requestBody.content['application/json'];
    assert.equal((await post('/v1/detectors/transactions/explain', example)).statusCode, 200);
  });

  test('a queue that is full says so at once, and answers everything that it took', async () => {
    const small = await createApp({ detectors: { t: saved }, reloadMs: 0, maxQueue: 64, maxBatch: 32 });
    const body = { rows: rows.slice(0, 30) };
    const replies = await Promise.all(
      Array.from({ length: 40 }, () =>
        small.inject({ method: 'POST', url: '/v1/detectors/t/score', payload: body }),
      ),
    );
    const refused = replies.filter(({ statusCode }) => statusCode === 503);
    assert.ok(refused.length > 0);
    assert.ok(refused.every(({ headers }) => headers['retry-after'] === '1'));
    const answered = replies.filter(({ statusCode }) => statusCode === 200);
    assert.equal(answered.length + refused.length, 40);
    assert.ok(answered.every((reply) => reply.json().results.length === 30));
    await small.close();
  });

  test('a token is asked of everything but pages and health', async () => {
    const locked = await createApp({ detectors: { t: saved }, reloadMs: 0, token: 'secret' });
    const status = async (url: string, authorization?: string) =>
      (await locked.inject({ url, headers: authorization === undefined ? {} : { authorization } }))
        .statusCode;
    assert.equal(await status('/v1/detectors'), 401);
    assert.equal(await status('/v1/detectors', 'Bearer secre'), 401);
    assert.equal(await status('/v1/detectors', 'Bearer secret'), 200);
    assert.equal(await status('/metrics'), 401);
    assert.equal(await status('/nowhere'), 401);
    assert.equal(await status('/v2/health/ready'), 200);
    assert.equal(await status('/'), 200);
    await locked.close();
  });
});
