// What the tests of tables share: files made to order, tables closed after the test, NumPy's bytes.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { TableColumn, TableSet } from '../../src/data/table.ts';
import { type OpenTableOptions, openTable, type TableSource } from '../../src/data/tables/source.ts';
import { scratchFolder } from './support.ts';

/** Writes files into a folder that is gone after the test. */
export function folderWith(
  context: TestContext,
  files: Readonly<Record<string, string | Uint8Array>>,
): string {
  const folder = scratchFolder(context);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** Opens a table until the end of the test. */
export async function opened(
  context: TestContext,
  path: string,
  options: OpenTableOptions = {},
): Promise<TableSource> {
  const source = await openTable(path, { threads: 2, ...options });
  context.after(() => source.close());
  return source;
}

/** Opens one file of such content. */
export function openedFile(
  context: TestContext,
  name: string,
  content: string | Uint8Array,
  options: OpenTableOptions = {},
): Promise<TableSource> {
  return opened(context, join(folderWith(context, { [name]: content }), name), options);
}

export function columnOf(rows: TableSet, name: string): TableColumn {
  const column = rows.columns.find((each) => each.name === name);
  if (column === undefined) throw new Error(`no column ${name} among ${rows.columns.map((c) => c.name)}`);
  return column;
}

/** A column's values as people see them: numbers, or words with null where missing. */
export function valuesOf(rows: TableSet, name: string): (number | string | null)[] {
  const column = columnOf(rows, name);
  return column.kind === 'number'
    ? [...column.values]
    : [...column.codes].map((code) => (code < 0 ? null : (column.dictionary[code] ?? '?')));
}

/** Lines of a CSV file. */
export const lines = (...rows: readonly string[]): string => `${rows.join('\n')}\n`;

/** An npy file as NumPy writes it. */
export function npyBytes(
  dtype: string,
  shape: readonly number[],
  data: ArrayBufferView,
  fortran = false,
): Uint8Array {
  const shown = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const header = `{'descr': '${dtype}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': ${shown}, }`;
  const padded = `${header.padEnd(64 * Math.ceil((header.length + 11) / 64) - 11)}\n`;
  const head = Buffer.from(`\x93NUMPY\x01\x00\x00\x00${padded}`, 'latin1');
  head.writeUInt16LE(padded.length, 8);
  return Buffer.concat([head, Buffer.from(data.buffer, data.byteOffset, data.byteLength)]);
}
