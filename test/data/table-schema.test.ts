// What columns are taken for, how users correct it, and how later files are held against it.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inferSchema } from '../../src/data/tables/infer-schema.ts';
import { nearestName } from '../../src/data/tables/nearest-name.ts';
import { profileOptions } from '../../src/data/tables/profiles.ts';
import { openLike } from '../../src/data/tables/reading.ts';
import { featureColumns, requireSameColumns, tableSchema } from '../../src/data/tables/schema.ts';
import { windowOptions } from '../../src/data/tables/windows.ts';
import { failsWith, rejectsWith, scratchFolder } from './support.ts';
import { lines, openedFile } from './table-support.ts';

const table = (rows: number): string =>
  lines(
    'row,CUSTOMER_ID,when,amount,unique_float,count,flag,kind,city,note,same,nothing,label',
    ...Array.from({ length: rows }, (_, i) =>
      [
        i + 1,
        1000 + (i % 7),
        `2024-01-${String(1 + (i % 28)).padStart(2, '0')} 10:00:00`,
        (i * 37) % 11,
        i + 0.5,
        i % 5,
        i % 2 === 0 ? 'true' : 'false',
        ['a', 'b', 'b'][i % 3],
        `city${i % 40}`,
        `text ${(i * 7919) % 997} number ${i % 250}`,
        'x',
        '',
        i % 10 === 0 ? 1 : 0,
      ].join(','),
    ),
  );

test('columns are told apart by their values', async (context) => {
  const source = await openedFile(context, 't.csv', table(500));
  const schema = await inferSchema(source, { label: 'label', normal: ['0'] });
  assert.deepEqual(Object.fromEntries(schema.columns.map(({ name, kind }) => [name, kind])), {
    row: 'identifier',
    CUSTOMER_ID: 'identifier',
    when: 'time',
    amount: 'number',
    unique_float: 'number',
    count: 'number',
    flag: 'category',
    kind: 'category',
    city: 'category',
    note: 'identifier',
    same: 'constant',
    nothing: 'constant',
    label: 'label',
  });
  const why = Object.fromEntries(schema.columns.map(({ name, why }) => [name, why]));
  assert.equal(why.row, 'a counter');
  assert.equal(why.same, "always 'x'");
  assert.equal(why.nothing, 'no value at all');
  assert.deepEqual(schema.columns.find(({ name }) => name === 'kind')?.dictionary, ['b', 'a']);
  assert.deepEqual(schema.label, { column: 'label', normal: ['0'] });
  assert.deepEqual(
    featureColumns(schema).map(({ name }) => name),
    ['amount', 'unique_float', 'count', 'flag', 'kind', 'city'],
  );
  assert.deepEqual(tableSchema.parse(JSON.parse(JSON.stringify(schema))), schema);
});

test('a sample gives the same schema for the same seed', async (context) => {
  const source = await openedFile(context, 't.csv', table(3000));
  const options = { sampleRows: 500, seed: 3 };
  const schema = await inferSchema(source, {}, options);
  assert.deepEqual(await inferSchema(source, {}, options), schema);
  assert.equal(schema.columns.find(({ name }) => name === 'city')?.dictionary?.length, 40);
});

test('10,000 values: the 256 most frequent are kept', async (context) => {
  const values = Array.from({ length: 100_000 }, (_, i) => `${i % 10_000},v${i % 10 === 0 ? 7 : i % 10_000}`);
  const source = await openedFile(context, 't.csv', lines('n,word', ...values));
  const word = (await inferSchema(source)).columns[1];
  assert.equal(word?.kind, 'category');
  assert.equal(word?.dictionary?.length, 256);
  assert.equal(word?.dictionary?.[0], 'v7');
  assert.match(word?.why ?? '', /values; the 256 most frequent are told apart/);
});

test('one bad text does not make a column of numbers a column of words', async (context) => {
  const rows = Array.from({ length: 100 }, (_, i) => (i === 50 ? 'oops' : String(i / 7)));
  const source = await openedFile(context, 't.csv', lines('a', ...rows), { onBadRow: 'skip' });
  const [column] = (await inferSchema(source)).columns;
  assert.deepEqual([column?.kind, column?.type], ['number', 'DOUBLE']);
});

test('users correct it; unknown names get the nearest one', async (context) => {
  const source = await openedFile(context, 't.csv', table(100));
  const schema = await inferSchema(source, {
    drop: ['note'],
    number: ['CUSTOMER_ID'],
    category: ['count'],
    entity: ['city'],
    time: ['amount'],
  });
  const kinds = Object.fromEntries(schema.columns.map(({ name, kind }) => [name, kind]));
  assert.deepEqual(
    [kinds.note, kinds.CUSTOMER_ID, kinds.count, kinds.city, kinds.amount],
    ['dropped', 'number', 'category', 'identifier', 'time'],
  );
  await rejectsWith(
    inferSchema(source, { label: 'lable' }),
    'BAD_USAGE',
    /^--label: expected a column of .+, got 'lable'; did you mean 'label'\?$/,
  );
  await rejectsWith(inferSchema(source, { drop: ['zzzzzz'] }), 'BAD_USAGE', /choose from row, CUSTOMER_ID/);
  await rejectsWith(
    inferSchema(source, { drop: ['kind'], label: 'kind' }),
    'BAD_USAGE',
    /'kind' as dropped and as label/,
  );
  const lonely = await openedFile(context, 't.csv', lines('a', ...Array(30).fill('x')));
  await rejectsWith(inferSchema(lonely), 'BAD_DATA', /to learn from, got 'a' \(constant\)/);
});

test('later files: reordered is fine, extra is told, a missing or renamed feature is said', () => {
  const schema = tableSchema.parse({
    columns: [
      { name: 'id', kind: 'identifier', type: 'BIGINT' },
      { name: 'when', kind: 'time', type: 'TIMESTAMP' },
      { name: 'note', kind: 'text', type: 'VARCHAR' },
      { name: 'kind', kind: 'category', type: 'VARCHAR', dictionary: ['a'] },
      { name: 'amount', kind: 'number', type: 'DOUBLE' },
      { name: 'same', kind: 'constant', type: 'VARCHAR' },
      { name: 'label', kind: 'label', type: 'BIGINT' },
    ],
  });
  const columns = (...names: string[]) => names.map((name) => ({ name, type: 'VARCHAR' }));
  assert.deepEqual(requireSameColumns(schema, columns('kind', 'more', 'amount', 'id'), 'f'), {
    extra: ['more'],
  });
  failsWith(
    () => requireSameColumns(schema, columns('kind', 'Amount_'), 'f.csv'),
    'BAD_DATA',
    /^f\.csv: expected the columns the detector was trained on, got none named 'amount'; rename 'Amount_'/,
  );
  failsWith(
    () => requireSameColumns(schema, columns('other'), 'f'),
    'BAD_DATA',
    /'kind' and 1 more; give a file/,
  );
});

test('later files need what profiles and windows are made from', async (context) => {
  const path = join(scratchFolder(context), 't.csv');
  writeFileSync(path, lines('wen,card,amount', '2024-01-01,a,1', '2024-01-02,b,2'));
  const profiles = profileOptions.parse({ time: 'when', entities: ['card'], amounts: ['amount'] });
  await rejectsWith(openLike(path, { profiles }), 'BAD_DATA', /none named 'when'; rename 'wen'/);
  const windows = windowOptions.parse({ size: 2, sensors: ['amount'], entity: 'machine' });
  await rejectsWith(openLike(path, { windows }), 'BAD_DATA', /none named 'machine'; give a file/);
});

test('the nearest name is one that was likely meant', () => {
  assert.equal(nearestName('TX_AMONT', ['TX_DATE', 'TX_AMOUNT']), 'TX_AMOUNT');
  assert.equal(nearestName('amount', ['Amount', 'count']), 'Amount');
  assert.equal(nearestName('zebra', ['amount', 'kind']), undefined);
});
