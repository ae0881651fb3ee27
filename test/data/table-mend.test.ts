// CSV with broken quotes, bad rows skipped: no good row is lost, and every bad one is written with its own line.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { findRejects, readRows } from '../../src/data/tables/read-rows.ts';
import type { TableSchema } from '../../src/data/tables/schema.ts';
import { folderWith, lines, opened, valuesOf } from './table-support.ts';

const schema: TableSchema = {
  columns: [
    { name: 'n', kind: 'number', type: 'DOUBLE' },
    { name: 'w', kind: 'category', type: 'VARCHAR', dictionary: [] },
  ],
};

const text = [
  'n,w',
  '1,"two',
  'lines"',
  '2,"said ""so"""',
  '3,"broken"x',
  '4,b',
  '5',
  'six,"c"',
  '7,"never closed',
  ...Array.from({ length: 150 }, (_, i) => `${100 + i},"d"`),
  '8,e,f',
  '9,"open at the end',
];

for (const [name, pack] of [
  ['t.csv', (content: string) => content],
  ['t.csv.gz', (content: string) => gzipSync(content)],
] as const) {
  test(`${name}: good rows around broken quotes are read, bad lines are told`, async (context) => {
    for (const end of ['\n', '\r\n']) {
      const folder = folderWith(context, { [name]: pack(text.join(end)) });
      const source = await opened(context, join(folder, name), { onBadRow: 'skip' });
      const { rows } = await readRows(source, schema);
      const numbers = valuesOf(rows, 'n');
      assert.deepEqual(numbers.slice(0, 4), [1, 2, 4, 100]);
      assert.equal(rows.count, 3 + 150);
      assert.deepEqual(valuesOf(rows, 'w').slice(0, 3), [`two${end}lines`, 'said "so"', 'b']);
      const path = join(folder, 'bad.csv');
      const { count, first } = await findRejects(source, schema, path);
      assert.equal(count, 6);
      assert.match(first ?? '', /t\.csv(\.gz)?, line 5: expected closed quotes/);
      const told = readFileSync(path, 'utf8').trim().split('\n').slice(1);
      assert.deepEqual(
        told.map((line) => line.split(',')[1]),
        ['5', '7', '8', '9', '160', '161'],
      );
    }
  });
}

test('lines are those of an editor: empty ones and those inside quotes count', async (context) => {
  const folder = folderWith(context, { 't.csv': lines('n,w', '1,"a', 'b', 'c"', '', '', 'x,y', '2') });
  const path = join(folder, 't.csv');
  const source = await opened(context, path, { onBadRow: 'skip' });
  const bad = join(folder, 'bad.csv');
  assert.match((await findRejects(source, schema, bad)).first ?? '', /line 7, column 'n'/);
  assert.match(readFileSync(bad, 'utf8'), /,7,n,.*"?x,y"?\n.*,8,,/);
});

test('rows that are only ragged need no mending and lose no neighbour', async (context) => {
  const rows = Array.from({ length: 20_000 }, (_, i) => (i % 1000 === 500 ? `${i}` : `${i},x`));
  const folder = folderWith(context, { 't.csv': lines('n,w', ...rows) });
  const source = await opened(context, join(folder, 't.csv'), { onBadRow: 'skip' });
  assert.equal((await readRows(source, schema)).total, 19_980);
  assert.equal((await findRejects(source, schema)).count, 20);
  assert.ok(source.parts.every((part) => part.kind === 'csv' && part.readFrom === undefined));
});
