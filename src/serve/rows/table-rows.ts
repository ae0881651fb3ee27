// Rows of a table from parsed JSON: records by column name, or whole columns. Every cell is checked as it is copied.
import { OddityError } from '../../errors.ts';
import type { FlatRows, FormatColumn, RowFormat } from './format.ts';

const largest = 3.4028234663852886e38;

const refuse = (message: string, data: Record<string, unknown> = {}): OddityError =>
  new OddityError('BAD_DATA', message, { data });

/** Reads objects by column name, in any order of names. Throws BAD_DATA that names row and column. */
export function readRecords(format: RowFormat, records: readonly unknown[]): FlatRows {
  const { columns, width } = format;
  const values = format.allocate(records.length) as Float32Array<ArrayBuffer>;
  let at = 0;
  for (let row = 0; row < records.length; row++) {
    const record = records[row];
    if (typeof record !== 'object' || record === null || Array.isArray(record)) {
      throw refuse(`row ${row}: expected an object of columns by name, got ${describe(record)}`);
    }
    for (let i = 0; i < width; i++) {
      const column = columns[i] as FormatColumn;
      const cell = (record as Record<string, unknown>)[column.name];
      // Number first: nearly every cell of nearly every request.
      if (typeof cell === 'number' && column.kind === 'number' && cell <= largest && cell >= -largest) {
        values[at++] = cell;
      } else values[at++] = readCell(column, cell, row, record);
    }
    let names = 0;
    for (const name in record) if (Object.hasOwn(record, name)) names++;
    if (names > width) throw unknownColumn(format, record, row);
  }
  return { count: records.length, values };
}

/** Reads `{ name: [cells] }`, every column of the same length. Throws BAD_DATA. */
export function readColumns(format: RowFormat, given: Readonly<Record<string, unknown>>): FlatRows {
  const { columns, width } = format;
  const lists = columns.map(({ name }) => {
    const list = Object.hasOwn(given, name) ? given[name] : undefined;
    if (list === undefined) throw missingColumn(name, given);
    if (!Array.isArray(list)) throw refuse(`column ${quote(name)}: expected a list, got ${describe(list)}`);
    return list as readonly unknown[];
  });
  if (Object.keys(given).length > width) throw unknownColumn(format, given);
  const count = lists[0]?.length ?? 0;
  const uneven = lists.findIndex((list) => list.length !== count);
  if (uneven >= 0) {
    throw refuse(
      `expected columns of one length, got ${count} cells in ${quote(columns[0]?.name ?? '')} and ${lists[uneven]?.length} in ${quote(columns[uneven]?.name ?? '')}`,
    );
  }
  const values = format.allocate(count) as Float32Array<ArrayBuffer>;
  for (const [i, list] of lists.entries()) {
    const column = columns[i] as FormatColumn;
    for (let row = 0, at = i; row < count; row++, at += width) {
      const cell = list[row];
      values[at] =
        typeof cell === 'number' && column.kind === 'number' && cell <= largest && cell >= -largest
          ? cell
          : readCell(column, cell === undefined ? null : cell, row, undefined);
    }
  }
  return { count, values };
}

/** One cell as its flat value: NaN, or code -1, where it is null. */
export function readCell(
  column: FormatColumn,
  cell: unknown,
  row: number,
  record: object | undefined,
): number {
  const { kind, name, codes, keys } = column;
  if (cell === undefined || (record !== undefined && !Object.hasOwn(record, name))) {
    throw missingColumn(name, record ?? {}, row);
  }
  if (cell === null) return kind === 'number' ? Number.NaN : -1;
  if (kind === 'category') {
    if (typeof cell === 'string') return cell === '' ? -1 : (codes.get(cell) ?? keys.length);
    if (typeof cell === 'number' || typeof cell === 'boolean') return codes.get(String(cell)) ?? keys.length;
    throw refuse(`row ${row}, column ${quote(name)}: expected a text or null, got ${describe(cell)}`);
  }
  if (typeof cell !== 'number') {
    throw refuse(`row ${row}, column ${quote(name)}: expected a number or null, got ${describe(cell)}`);
  }
  if (cell <= largest && cell >= -largest) return cell;
  throw refuse(`row ${row}, column ${quote(name)}: expected a number within 32-bit floats, got ${cell}`);
}

function missingColumn(name: string, given: object, row?: number): OddityError {
  const names = Object.keys(given);
  const got = names.length === 0 ? 'none' : names.slice(0, 8).map(quote).join(', ');
  const where = row === undefined ? '' : `row ${row}: `;
  return refuse(
    `${where}expected a column ${quote(name)}, got ${got}; give every column, null where a value is missing`,
    {
      missing: name,
    },
  );
}

function unknownColumn({ columns }: RowFormat, given: object, row?: number): OddityError {
  const known = new Set(columns.map(({ name }) => name));
  const extra = Object.keys(given).filter((name) => !known.has(name));
  const where = row === undefined ? '' : `row ${row}: `;
  return refuse(
    `${where}the detector has no column ${quote(extra[0] ?? '')}${extra.length > 1 ? ` nor ${extra.length - 1} others` : ''}; leave it out`,
    { unknown: extra.slice(0, 20) },
  );
}

const quote = (name: string): string => `'${name.length > 60 ? `${name.slice(0, 57)}...` : name}'`;

/** What a value is, for a message; never much of it. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'string') return `the text ${quote(value)}`;
  return typeof value === 'object' ? 'an object' : String(value);
}
