// Opening tables: every format, separators and headers told from the text, and what is no table said in one line.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { countRows, openTable, readHead } from '../../src/data/tables/source.ts';
import { isOddity, rejectsWith, scratchFolder } from './support.ts';
import { folderWith, lines, opened, openedFile } from './table-support.ts';

const names = (source: { columns: readonly { name: string }[] }) => source.columns.map(({ name }) => name);
const types = (source: { columns: readonly { type: string }[] }) => source.columns.map(({ type }) => type);

test('separators, line ends, quotes and headers are told from the text', async (context) => {
  const table = [
    ['id', 'amount', 'kind'],
    ['1', '2.5', 'a'],
    ['2', '', 'b'],
    ['3', '7', 'a'],
  ];
  for (const separator of [',', '\t', ';', '|']) {
    for (const end of ['\n', '\r\n']) {
      const text = table.map((row) => row.join(separator)).join(end) + end;
      const source = await openedFile(context, 't.csv', text);
      assert.deepEqual(names(source), ['id', 'amount', 'kind'], JSON.stringify(text));
      assert.deepEqual(types(source), ['BIGINT', 'DOUBLE', 'VARCHAR']);
      assert.deepEqual((await readHead(source))[1], ['2', null, 'b']);
      await source.close();
    }
  }
  const bare = await openedFile(context, 't.txt', '1 0.5  -2 \n2 0.25 3  \n');
  assert.deepEqual([bare.format, names(bare)], ['blank-separated', ['column1', 'column2', 'column3']]);
  assert.deepEqual(await readHead(bare), [
    ['1', '0.5', '-2'],
    ['2', '0.25', '3'],
  ]);
  const named = await openedFile(context, 't.csv', '1,x\n2,y\n', { columnNames: ['n', 'w'] });
  assert.deepEqual([names(named), await countRows(named)], [['n', 'w'], 2]);
  const words = await openedFile(context, 't.csv', 'a,b\nc,d\n', { header: false });
  assert.equal(await countRows(words), 2);
});

test('column names may hold quotes, HTML, line ends, SQL, or differ only in case', async (context) => {
  const wild = ['a "b"', "it's", '<b>x</b>', 'two\nlines', '"; DROP TABLE x; --', 'Time', 'time', '', 'Time'];
  const header = wild.map((name) => `"${name.replaceAll('"', '""')}"`).join(',');
  const source = await openedFile(context, 't.csv', lines(header, '1,2,3,4,5,6,7,8,9', '1,2,3,4,5,6,7,8,10'));
  assert.deepEqual(names(source), [...wild.slice(0, 7), 'column8', 'Time_2']);
  assert.deepEqual((await readHead(source, 1))[0], ['1', '2', '3', '4', '5', '6', '7', '8', '9']);
  const odd = folderWith(context, { "it's [1]*.csv": 'a,b\n1,2\n' });
  assert.equal(await countRows(await opened(context, join(odd, "it's [1]*.csv"))), 1);
});

test('JSON lines, Parquet, gzip, folders and patterns', async (context) => {
  const folder = folderWith(context, {
    'a.jsonl': '{"n":1,"w":"x","a/b~c":true}\n\n{"w":"y","n":2.5,"extra":[1]}\n',
    '1.csv': 'n,w\n1,x\n2,y\n',
    '2.csv.gz': gzipSync('w,n\nz,3\n'),
    '.hidden.csv': 'q\n1\n',
    'README.md': '# no table',
  });
  const json = await opened(context, join(folder, 'a.jsonl'));
  assert.deepEqual(names(json), ['n', 'w', 'a/b~c', 'extra']);
  assert.deepEqual(await readHead(json), [
    ['1', 'x', 'true', null],
    ['2.5', 'y', null, '[1]'],
  ]);
  const both = await opened(context, join(folder, '*.csv*'));
  assert.deepEqual(await readHead(both), [
    ['1', 'x'],
    ['2', 'y'],
    ['3', 'z'],
  ]);
  await rejectsWith(openTable(folder), 'BAD_DATA', /a\.jsonl: expected the format of 1\.csv/);
  const connection = await both.database.connect();
  const parquet = join(folder, 'p.parquet');
  await connection.run(
    `COPY (SELECT 1.5::DOUBLE AS a, 'x' AS "B", DATE '2020-01-01' AS d) TO '${parquet}' (FORMAT parquet)`,
  );
  connection.closeSync();
  const source = await opened(context, parquet);
  assert.deepEqual(
    [names(source), types(source)],
    [
      ['a', 'B', 'd'],
      ['DOUBLE', 'VARCHAR', 'DATE'],
    ],
  );
});

test('files of a pattern must have the same columns', async (context) => {
  const folder = folderWith(context, { 'a.csv': 'amount,kind\n1,x\n', 'b.csv': 'amont,kind\n1,x\n' });
  await rejectsWith(
    openTable(join(folder, '*.csv')),
    'BAD_DATA',
    /b\.csv: expected the columns of a\.csv, got none named 'amount'; rename 'amont'/,
  );
});

test('nothing there', async (context) => {
  const folder = scratchFolder(context);
  await rejectsWith(openTable(join(folder, 'absent.csv')), 'NO_DATA', /nothing there; check the path/);
  await rejectsWith(openTable(join(folder, '*.csv')), 'NO_DATA', /pattern that matches files/);
  await rejectsWith(openTable(folder), 'NO_DATA', /expected a folder with tables/);
});

test('what is no table, or not what its name says, is said in one line', async (context) => {
  const cases: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
    ['empty.csv', '', /got an empty file/],
    ['blank.csv', '\n  \n', /got an empty file/],
    ['header.csv', 'a,b,c\n', /expected rows, got only a header/],
    ['x.parquet', '', /got an empty file/],
    ['x.parquet', 'a,b\n1,2\n', /expected a Parquet file, as its name says, got something else/],
    ['x.csv', 'PAR1 and so on', /expected CSV text, as its name says, got a Parquet file/],
    ['x.csv', '{"a":1}\n{"a":2}\n', /expected CSV text, as its name says, got JSON lines/],
    ['x.jsonl', 'a,b\n1,2\n', /expected JSON lines, as its name says, got other text/],
    ['x.jsonl', '[{"a":1}]', /one JSON object on each line, got a JSON list/],
    ['x.csv', Buffer.from('a,b\n1,2\n', 'utf16le'), /binary data/],
    ['x.csv', Buffer.from('\ufeffa,b\n1,2\n', 'utf16le'), /got UTF-16; save it as UTF-8/],
    ['x.csv', Uint8Array.of(1, 0, 2, 0, 3), /got binary data/],
    ['x.csv', 'a,b\n1,2\r\n3,4\n', /lines that all end alike/],
    ['x.npz', 'PK\x03\x04 cut', /expected an intact npz file/],
    ['x.npy', '\x93NUMPY', /other bytes|not|something else/],
    ['x.parquet', 'PAR1 cut', /expected an intact Parquet file, got a damaged or cut one/],
  ];
  for (const [name, content, message] of cases) {
    const folder = folderWith(context, { [name]: content });
    await assert.rejects(
      openTable(join(folder, name)),
      (error) => isOddity(error, 'BAD_DATA', message),
      name,
    );
  }
  const marked = await openedFile(context, 'bom.csv', '\ufeffa,b\n1,2\n');
  assert.deepEqual(names(marked), ['a', 'b']);
});

test('a gzip that is cut or has a flipped byte is refused', async (context) => {
  const packed = gzipSync(`a,b\n${Array.from({ length: 5000 }, (_, i) => `${i},${i * 7}`).join('\n')}\n`);
  const folder = scratchFolder(context);
  const path = join(folder, 'x.csv.gz');
  for (const length of [12, packed.length >> 1, packed.length - 1]) {
    writeFileSync(path, packed.subarray(0, length));
    await rejectsWith(openTable(path), 'BAD_DATA', /damaged or cut one/);
  }
  for (const at of [packed.length >> 1, packed.length - 6]) {
    const bytes = Uint8Array.from(packed);
    bytes[at] = (bytes[at] ?? 0) ^ 0x41;
    writeFileSync(path, bytes);
    await rejectsWith(openTable(path), 'BAD_DATA', /damaged or cut one/);
  }
});

test('one row and one column are a table', async (context) => {
  const one = await openedFile(context, 'x.csv', 'a\n5\n');
  assert.deepEqual([names(one), await readHead(one)], [['a'], [['5']]]);
});
