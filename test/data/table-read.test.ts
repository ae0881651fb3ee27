// Rows as typed columns: order, missing values, infinities, unknown categories, samples; and bad rows with their lines.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inferSchema } from '../../src/data/tables/infer-schema.ts';
import { findRejects, readRows, streamBatches } from '../../src/data/tables/read-rows.ts';
import type { TableSchema } from '../../src/data/tables/schema.ts';
import { openTable } from '../../src/data/tables/source.ts';
import { rejectsWith, scratchFolder } from './support.ts';
import { columnOf, folderWith, lines, opened, openedFile, valuesOf } from './table-support.ts';

const numbers = (...names: readonly string[]): TableSchema => ({
  columns: names.map((name) => ({ name, kind: 'number', type: 'DOUBLE' })),
});

test('numbers and categories with missing and infinite values, in schema order', async (context) => {
  const text = lines(
    'w,extra,n',
    'a,1,1.5',
    'b,2,',
    ',3,inf',
    'new,4,-Infinity',
    'a,5,NA',
    'newer,6,1e300',
    'new,7,?',
  );
  const source = await openedFile(context, 't.csv', text);
  const schema: TableSchema = {
    columns: [
      { name: 'n', kind: 'number', type: 'DOUBLE' },
      { name: 'w', kind: 'category', type: 'VARCHAR', dictionary: ['b', 'a'] },
    ],
  };
  const { rows, total, label, rowNumbers } = await readRows(source, schema);
  assert.deepEqual([rows.count, total, label], [7, 7, undefined]);
  assert.deepEqual([...rowNumbers], [0, 1, 2, 3, 4, 5, 6]);
  const [n, w] = rows.columns;
  assert.deepEqual(n?.kind === 'number' && [...n.values], [
    1.5,
    NaN,
    Infinity,
    -Infinity,
    NaN,
    Infinity,
    NaN,
  ]);
  assert.deepEqual(w?.kind === 'category' && [...w.codes], [1, 0, -1, 2, 1, 3, 2]);
  assert.deepEqual(w?.kind === 'category' && w.dictionary, ['b', 'a', 'new', 'newer']);
});

test('the label comes apart, in batches too, and need not be there', async (context) => {
  const text = lines(
    'n,class',
    ...Array.from({ length: 10 }, (_, i) => `${i},${i % 3 === 0 ? 'attack' : 'normal'}`),
  );
  const source = await openedFile(context, 't.csv', text);
  const schema = await inferSchema(source, { label: 'class', number: ['n'] });
  const batches = [];
  for await (const batch of streamBatches(source, schema, { batchRows: 4 })) batches.push(batch);
  assert.deepEqual(
    batches.map(({ start, rows }) => [start, ...valuesOf(rows, 'n')]),
    [
      [0, 0, 1, 2, 3],
      [4, 4, 5, 6, 7],
      [8, 8, 9],
    ],
  );
  assert.deepEqual(batches[2]?.label && [...batches[2].label.codes], [0, 1]);
  assert.deepEqual(batches[2]?.label?.dictionary, ['normal', 'attack']);
  const bare = await openedFile(context, 'b.csv', lines('n', '1'));
  assert.equal((await readRows(bare, schema)).label, undefined);
});

test('order is kept over many rows and files; samples are seeded, in order and evenly drawn', async (context) => {
  const part = (from: number) =>
    lines('n,k', ...Array.from({ length: 30_000 }, (_, i) => `${from + i},${(from + i) % 2}`));
  const folder = folderWith(context, { 'a.csv': part(0), 'b.csv': part(30_000) });
  const source = await opened(context, join(folder, '*.csv'));
  const schema = numbers('n', 'k');
  let next = 0;
  for await (const { start, rows } of streamBatches(source, schema)) {
    assert.equal(start, next);
    for (const value of valuesOf(rows, 'n')) assert.equal(value, next++);
  }
  assert.equal(next, 60_000);
  const sample = await readRows(source, schema, { sampleRows: 2000, seed: 5 });
  const drawn = valuesOf(sample.rows, 'n') as number[];
  assert.deepEqual([drawn.length, sample.total], [2000, 60_000]);
  assert.deepEqual(drawn, [...sample.rowNumbers]);
  assert.ok(drawn.every((value, i) => i === 0 || value > (drawn[i - 1] ?? 0)));
  const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
  // The mean of 2,000 uniform draws has a standard deviation of 387 here.
  assert.ok(Math.abs(mean - 30_000) < 1600, `mean ${mean}`);
  const again = await readRows(source, schema, { sampleRows: 2000, seed: 5 });
  assert.deepEqual(again.rows, sample.rows);
  const other = await readRows(source, schema, { sampleRows: 2000, seed: 6 });
  assert.notDeepEqual(other.rows, sample.rows);
  const odd = await readRows(source, schema, { where: [{ column: 'k', values: ['1'] }], limit: 3 });
  assert.deepEqual(valuesOf(odd.rows, 'n'), [1, 3, 5]);
  await rejectsWith(
    readRows(source, schema, { where: [{ column: 'k', values: ["it's"] }] }),
    'BAD_DATA',
    /none where k = it's/,
  );
});

test('files with columns in another order, and Parquet of other types, are read alike', async (context) => {
  const folder = folderWith(context, { 'a.csv': 'x,y\n1,2\n', 'b.csv': 'y,x\n20,10\n' });
  const source = await opened(context, join(folder, '*.csv'));
  const { rows } = await readRows(source, numbers('y', 'x'));
  assert.deepEqual(
    [valuesOf(rows, 'y'), valuesOf(rows, 'x')],
    [
      [2, 20],
      [1, 10],
    ],
  );
  const path = join(folder, 'p.parquet');
  const connection = await source.database.connect();
  await connection.run(
    `COPY (SELECT 3::UTINYINT AS x, '4.5' AS y, true AS b, 7::DECIMAL(9,2) AS d, NULL::INTEGER AS z) TO '${path}' (FORMAT parquet)`,
  );
  connection.closeSync();
  const parquet = await opened(context, path);
  const read = await readRows(parquet, numbers('x', 'y', 'b', 'd', 'z'));
  assert.deepEqual(
    ['x', 'y', 'b', 'd', 'z'].map((name) => valuesOf(read.rows, name)[0]),
    [3, 4.5, 1, 7, NaN],
  );
});

const broken = lines('n,w', '1,a', '2', '3,b', 'oops,c', '4,d,e', '5,"f"x', '6,g', '7,h');

test('a bad row is named with file, line and column', async (context) => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    [
      't.csv',
      lines('n,w', '1,a', '2', '3,b'),
      /t\.csv, line 3: expected 2 values, got too few in '2'; mend it, or leave such rows out with --on-bad-row skip$/,
    ],
    ['t.csv', lines('n,w', '1,a', '2,b,c'), /t\.csv, line 3: expected 2 values, got too many/],
    [
      't.csv',
      lines('n,w', '1,a', '2,b', 'oops,c'),
      /t\.csv, line 4, column 'n': expected a number, got 'oops'/,
    ],
    ['t.csv', lines('n,w', '1,a', '2,"b"c'), /t\.csv, line 3.*: expected closed quotes/],
    [
      't.jsonl',
      lines('{"n":1}', '', '{"n":"oops"}'),
      /t\.jsonl, line 3, column 'n': expected a number, got 'oops'/,
    ],
    [
      't.jsonl',
      lines('{"n":1}', '{"n":'),
      /t\.jsonl, line 2: expected a JSON object, got another line in '{"n":'/,
    ],
    [
      't.txt',
      lines('1 2', '3 4', '5 6', '7', '8 9', '1 1', '1 1', '1 1', '1 1', '1 1', '1 1'),
      /t\.txt, line 4: expected 2 values/,
    ],
  ];
  for (const [name, text, message] of cases) {
    const source = await openedFile(context, name, text, name === 't.txt' ? { columnNames: ['n', 'w'] } : {});
    await rejectsWith(readRows(source, numbers('n')), 'BAD_DATA', message);
    await rejectsWith(streamBatches(source, numbers('n')).next(), 'BAD_DATA', message);
  }
});

test('skipped rows are counted and written with their lines', async (context) => {
  const folder = folderWith(context, { 't.csv': broken });
  const source = await opened(context, join(folder, 't.csv'), { onBadRow: 'skip' });
  const { rows } = await readRows(source, numbers('n'));
  assert.deepEqual(valuesOf(rows, 'n'), [1, 3, 6, 7]);
  const path = join(folder, 'rejects.csv');
  const rejects = await findRejects(source, numbers('n'), path);
  assert.equal(rejects.count, 4);
  assert.match(rejects.first ?? '', /line 3: expected 2 values/);
  const written = readFileSync(path, 'utf8').split('\n');
  assert.equal(written[0], 'file,line,column,reason,raw');
  assert.match(written.join('|'), /,3,.*too few.*,5,n,.*oops.*,6,.*too many.*,7,.*broken/);
  const json = await openedFile(context, 'j.jsonl', lines('{"n":1}', 'junk', '{"n":"x"}', '{"n":4}'), {
    onBadRow: 'skip',
  });
  assert.deepEqual(valuesOf((await readRows(json, numbers('n'))).rows, 'n'), [1, 4]);
  assert.equal((await findRejects(json, numbers('n'))).count, 2);
  await rejectsWith(
    findRejects(source, numbers('n'), join(folder, 'no', 'folder', 'r.csv')),
    'STORAGE',
    /choose another place/,
  );
});

test('nothing is lost unsaid: all rows bad, a quote that never ends, text where a number was', async (context) => {
  const words = await openedFile(context, 't.csv', lines('n,w', 'a,b', 'c,d'), {
    onBadRow: 'skip',
    header: true,
  });
  await rejectsWith(
    readRows(words, numbers('n')),
    'BAD_DATA',
    /none: all 2 are bad, the first of them .+line 2, column 'n'/,
  );
  const rows = Array.from({ length: 3000 }, (_, i) => (i === 1000 ? '1,"open' : `${i},some words`));
  const open = await openedFile(context, 'q.csv', lines('n,w', ...rows), { onBadRow: 'skip' });
  assert.equal((await readRows(open, numbers('n'))).total, 2999);
  const rejects = await findRejects(open, numbers('n'));
  assert.deepEqual([rejects.count, /line 1002: expected closed quotes/.test(rejects.first ?? '')], [1, true]);
  const strict = await openedFile(context, 'q.csv', lines('n,w', ...rows));
  await rejectsWith(readRows(strict, numbers('n')), 'BAD_DATA', /line 1002/);
});

test('mixed line ends far into a file are an error, not lost rows', async (context) => {
  const rows = Array.from({ length: 60_000 }, (_, i) => `${i},${i}${i > 50_000 ? '\r\n' : '\n'}`);
  const source = await openedFile(context, 't.csv', `a,b\n${rows.join('')}`);
  await rejectsWith(readRows(source, numbers('a')), 'BAD_DATA', /lines that all end alike/);
});

test('a damaged Parquet file is refused where its structure is hurt', async (context) => {
  const folder = scratchFolder(context);
  const source = await openedFile(context, 't.csv', 'a\n1\n');
  const path = join(folder, 'p.parquet');
  const connection = await source.database.connect();
  await connection.run(
    `COPY (SELECT i AS n, 'v' || (i % 50) AS w FROM range(20000) t(i)) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`,
  );
  connection.closeSync();
  // Parquet has no checksum of its values: what breaks no structure is not found out.
  const bytes = readFileSync(path);
  const [pageHeader, footer] = [Uint8Array.from(bytes), Uint8Array.from(bytes)];
  for (let i = 4; i < 20; i++) pageHeader[i] = (pageHeader[i] ?? 0) ^ 0x5a;
  for (let i = bytes.length - 12; i < bytes.length - 4; i++) footer[i] = (footer[i] ?? 0) ^ 0x5a;
  for (const content of [bytes.subarray(0, bytes.length >> 1), pageHeader, footer]) {
    const [name, copy] = ['x.parquet', folderWith(context, { 'x.parquet': content })];
    const reading = openTable(join(copy, name)).then(async (table) => {
      context.after(() => table.close());
      return readRows(table, numbers('n'));
    });
    await rejectsWith(reading, 'BAD_DATA', /x\.parquet: expected/);
  }
});

test('abort stops a stream; a stream left early frees its connection', async (context) => {
  const text = lines('n', ...Array.from({ length: 50_000 }, (_, i) => String(i)));
  const source = await openedFile(context, 't.csv', text);
  const controller = new AbortController();
  const stream = streamBatches(source, numbers('n'), { batchRows: 1000, signal: controller.signal });
  await stream.next();
  controller.abort();
  await rejectsWith(stream.next(), 'ABORTED', /reading was stopped/);
  for await (const { rows } of streamBatches(source, numbers('n'))) {
    assert.equal(columnOf(rows, 'n').name, 'n');
    break;
  }
  const { folder } = source.database;
  assert.ok(existsSync(folder));
  await source.close();
  assert.ok(!existsSync(folder));
});
