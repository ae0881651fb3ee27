// Results beside their input: verbatim text, every format, whole or not at all.

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { inferSchema } from '../../src/data/tables/infer-schema.ts';
import { streamBatches } from '../../src/data/tables/read-rows.ts';
import { readHead, type TableSource } from '../../src/data/tables/source.ts';
import { createTableWriter, type ResultColumn } from '../../src/data/tables/write-table.ts';
import { rejectsWith, scratchFolder } from './support.ts';
import { lines, opened, openedFile } from './table-support.ts';

const columns: readonly ResultColumn[] = [
  { name: 'score', type: 'number' },
  { name: 'rank', type: 'integer' },
  { name: 'verdict', type: 'boolean' },
  { name: 'reason', type: 'text' },
];

/** Scores each row by its place, batch by batch. */
async function write(source: TableSource, path: string, spare = 0): Promise<readonly string[]> {
  const schema = await inferSchema(source);
  const writer = await createTableWriter(source, schema, path, columns);
  for await (const { start, rows } of streamBatches(source, schema, { batchRows: 3000 })) {
    const count = rows.count + (start === 0 ? spare : 0);
    const at = (value: (i: number) => number) =>
      Float64Array.from({ length: count }, (_, i) => value(start + i));
    writer.append([
      at((i) => i / 2),
      Int32Array.from(at((i) => i)),
      Uint8Array.from(at((i) => i % 2)),
      Array.from(
        at((i) => i),
        (i) => (i === 1 ? null : `row "${i}", <b>`),
      ),
    ]);
  }
  await writer.finish();
  return writer.names;
}

const text = lines('id,amount,Score,note', '007,1.50,a,"x, ""y"""', '008,inf,b,NA', '009,3,b,"two', 'lines"');

test('CSV keeps every value as it came; a taken name gets a prefix', async (context) => {
  const source = await openedFile(context, 't.csv', text);
  const folder = scratchFolder(context);
  const path = join(folder, 'deep', 'out.csv');
  assert.deepEqual(await write(source, path), ['oddity_score', 'rank', 'verdict', 'reason']);
  assert.equal(
    readFileSync(path, 'utf8'),
    lines(
      'id,amount,Score,note,oddity_score,rank,verdict,reason',
      '007,1.50,a,"x, ""y""",0.0,0,false,"row ""0"", <b>"',
      '008,inf,b,,0.5,1,true,',
      '009,3,b,"two',
      'lines",1.0,2,false,"row ""2"", <b>"',
    ),
  );
  assert.deepEqual(readdirSync(join(folder, 'deep')), ['out.csv']);
});

test('TSV, JSON lines, Parquet and gzip', async (context) => {
  const source = await openedFile(context, 't.csv', text);
  const folder = scratchFolder(context);
  await write(source, join(folder, 'o.tsv'));
  assert.match(readFileSync(join(folder, 'o.tsv'), 'utf8'), /^id\tamount\tScore/);
  await write(source, join(folder, 'o.jsonl.gz'));
  const objects = gunzipSync(readFileSync(join(folder, 'o.jsonl.gz')))
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(objects[1], {
    id: '008',
    amount: null,
    Score: 'b',
    note: null,
    oddity_score: 0.5,
    rank: 1,
    verdict: true,
    reason: null,
  });
  await write(source, join(folder, 'o.parquet'));
  const parquet = await opened(context, join(folder, 'o.parquet'));
  assert.deepEqual(parquet.storedTypes, [
    'VARCHAR',
    'DOUBLE',
    'VARCHAR',
    'VARCHAR',
    'FLOAT',
    'INTEGER',
    'BOOLEAN',
    'VARCHAR',
  ]);
  assert.deepEqual((await readHead(parquet))[0], [
    '007',
    '1.5',
    'a',
    'x, "y"',
    '0.0',
    '0',
    'false',
    'row "0", <b>',
  ]);
});

test('order is kept over many rows, and skipped rows stay out', async (context) => {
  const rows = Array.from({ length: 100_000 }, (_, i) =>
    i % 10_000 === 5 ? `${i},oops` : `${i},${i % 9}.5`,
  );
  const source = await openedFile(context, 't.csv', lines('n,v', ...rows), { onBadRow: 'skip' });
  const path = join(scratchFolder(context), 'o.csv');
  await write(source, path);
  const written = readFileSync(path, 'utf8').trim().split('\n').slice(1);
  assert.equal(written.length, 99_990);
  let expected = 0;
  for (const [i, line] of written.entries()) {
    if (expected % 10_000 === 5) expected++;
    const cells = line.split(',');
    if (cells[0] !== String(expected) || cells[3] !== String(i)) assert.fail(`line ${i}: ${line}`);
    expected++;
  }
});

test('too few or too many results, an abort and a refused place leave nothing behind', async (context) => {
  const source = await openedFile(context, 't.csv', text);
  const folder = scratchFolder(context);
  const path = join(folder, 'o.csv');
  await rejectsWith(write(source, path, 1), 'BAD_DATA', /expected a result for each row of the table/);
  await rejectsWith(write(source, path, -1), 'BAD_DATA', /expected a result for each row of the table/);
  const schema = await inferSchema(source);
  const writer = await createTableWriter(source, schema, path, columns);
  assert.throws(() => writer.append([Float64Array.of(1)]), /expected 4 columns of one length, got lengths 1/);
  writer.append([Float64Array.of(1), Int32Array.of(1), Uint8Array.of(1), ['x']]);
  await writer.abort();
  assert.deepEqual(readdirSync(folder), []);
  await rejectsWith(write(source, join(folder, 'o.xlsx')), 'BAD_USAGE', /ending in \.parquet, \.csv/);
  mkdirSync(join(folder, 'd.csv'));
  await rejectsWith(
    write(source, join(folder, 'd.csv')),
    'STORAGE',
    /d\.csv, got EISDIR; choose another place/,
  );
  writeFileSync(join(folder, 'file'), '');
  await rejectsWith(write(source, join(folder, 'file', 'o.csv')), 'STORAGE', /got (ENOTDIR|EEXIST)/);
});

test('verdicts are told from the numbers as they are, and are not stored', async (context) => {
  const source = await openedFile(context, 't.csv', lines('v', '1', '2', '3', '4'));
  const schema = await inferSchema(source, { number: ['v'] });
  const path = join(scratchFolder(context), 'o.csv');
  const threshold = Math.fround(0.1);
  const writer = await createTableWriter(source, schema, path, [
    { name: 'verdict', type: 'verdict', of: 'score', threshold },
    { name: 'score', type: 'number' },
  ]);
  writer.append([Float32Array.of(0.1, 0.1 + 1e-8, -1e-7, Number.NaN)]);
  await writer.finish();
  assert.equal(
    readFileSync(path, 'utf8'),
    lines('v,verdict,score', '1,normal,0.1', '2,anomaly,0.10000001', '3,normal,-1e-07', '4,normal,nan'),
  );
  assert.deepEqual(readdirSync(source.database.folder), []);
  const lined = join(scratchFolder(context), 'o.jsonl');
  const another = await createTableWriter(source, schema, lined, [{ name: 'score', type: 'number' }]);
  another.append([Float32Array.of(0.1, 1e-8, -1e-7, Number.NaN)]);
  await another.finish();
  const objects = readFileSync(lined, 'utf8').trim().split('\n');
  assert.deepEqual(
    objects.map((line) => JSON.parse(line).score),
    [0.1, 1e-8, -1e-7, null],
  );
});

test('names that differ only in case are told apart where the format needs it', async (context) => {
  const source = await openedFile(context, 't.csv', lines('Time,time,"a ""q"""', '1,2,3'));
  const folder = scratchFolder(context);
  await write(source, join(folder, 'o.jsonl'));
  const [object] = readFileSync(join(folder, 'o.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual([object.Time, object.time_2, object['a "q"']], [1, 2, 3]);
});
