// How a text file writes its table, told from its first lines: what separates values, and whether names come first.
// Ours rather than DuckDB's: its own guess may skip lines, and takes runs of blanks for one column.
import { OddityError } from '../../errors.ts';

export interface Dialect {
  /** ' ' stands for runs of blanks and tabs. */
  readonly delimiter: string;
  readonly newline: '\n' | '\r\n' | '\r';
  readonly header: boolean;
  /** From the header, or as given, or column1, column2, ... */
  readonly names: readonly string[];
}

export interface DialectOptions {
  readonly header?: boolean;
  readonly columnNames?: readonly string[];
}

const delimiters = [',', '\t', ';', '|'];
const isNumber = (cell: string): boolean => cell.trim() !== '' && Number.isFinite(Number(cell));

/** Tells the dialect of a file from the text it begins with, `whole` if that is all of it. Throws BAD_DATA. */
export function tellDialect(
  text: string,
  whole: boolean,
  path: string,
  options: DialectOptions = {},
): Dialect {
  const newline = tellNewline(text, path);
  const found = tellDelimiter(text, whole, newline);
  const records = found.records;
  const first = records[0];
  if (first === undefined) {
    throw new OddityError('BAD_DATA', `${path}: expected a table, got an empty file; check the file`);
  }
  const { header = options.columnNames === undefined && looksLikeHeader(records) } = options;
  const width = header ? first.length : mostCommon(records.map((record) => record.length));
  const own = header ? first : Array<string>(width).fill('');
  const names = options.columnNames ?? own;
  if (names.length !== width) {
    throw new OddityError(
      'BAD_DATA',
      `${path}: expected ${names.length} columns, one for each given name, got ${width}; give ${width} names`,
      { data: { path, width, names: names.length } },
    );
  }
  return { delimiter: found.delimiter, newline, header, names: distinctNames(names) };
}

/** Names made whole: column7 for an empty one, a number behind one that was there before. */
export function distinctNames(names: readonly string[]): string[] {
  const used = new Set<string>();
  return names.map((name, i) => {
    const base = name.trim() === '' ? `column${i + 1}` : name.trim();
    let distinct = base;
    for (let n = 2; used.has(distinct); n++) distinct = `${base}_${n}`;
    used.add(distinct);
    return distinct;
  });
}

function tellNewline(text: string, path: string): Dialect['newline'] {
  const ends = new Map<string, number>();
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') quoted = !quoted;
    if (quoted || (character !== '\n' && character !== '\r')) continue;
    // The last character may be half of a line end.
    if (character === '\r' && i + 1 === text.length) break;
    const end = character === '\r' && text[i + 1] === '\n' ? '\r\n' : (character ?? '');
    if (end === '\r\n') i++;
    ends.set(end, (ends.get(end) ?? 0) + 1);
  }
  if (ends.size > 1) {
    throw new OddityError(
      'BAD_DATA',
      `${path}: expected lines that all end alike, got both \\n and \\r\\n; convert the file, for instance with dos2unix`,
    );
  }
  return ([...ends.keys()][0] ?? '\n') as Dialect['newline'];
}

interface Split {
  readonly delimiter: string;
  readonly records: readonly (readonly string[])[];
}

/** The separator that gives most lines the same number of values, more than one; ties go to more values. */
function tellDelimiter(text: string, whole: boolean, newline: string): Split {
  let best: Split = { delimiter: ',', records: splitRecords(text, ',', whole) };
  let bestScore = 0;
  for (const delimiter of delimiters) {
    const records = splitRecords(text, delimiter, whole);
    const width = mostCommon(records.map((record) => record.length));
    if (width < 2) continue;
    const share = records.filter((record) => record.length === width).length / records.length;
    const score = share + Math.min(width, 1000) / 1e6;
    if (share > 0.5 && score > bestScore) [best, bestScore] = [{ delimiter, records }, score];
  }
  if (bestScore > 0) return best;
  const lines = text.split(newline).filter((line) => line.trim() !== '');
  const blank = (whole ? lines : lines.slice(0, -1)).slice(0, 200).map((line) => line.trim().split(/\s+/));
  const width = mostCommon(blank.map((cells) => cells.length));
  const cells = blank.slice(1).flat();
  const mostlyNumbers = cells.filter(isNumber).length > cells.length / 2;
  const even = blank.filter((record) => record.length === width).length > 0.9 * blank.length;
  return width > 1 && mostlyNumbers && even ? { delimiter: ' ', records: blank } : best;
}

/** The first records, at most 200, by RFC 4180; the last, which may be cut, only where the text is whole. */
function splitRecords(text: string, delimiter: string, whole: boolean): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let cell = '';
  let quoted = false;
  const endRecord = (): void => {
    if (record.length > 0 || cell.trim() !== '') records.push([...record, cell]);
    record = [];
    cell = '';
  };
  for (let i = 0; i < text.length && records.length < 200; i++) {
    const character = text[i] ?? '';
    if (quoted) {
      if (character !== '"') cell += character;
      else if (text[i + 1] === '"') cell += text[i++];
      else quoted = false;
    } else if (character === '"' && cell === '') quoted = true;
    else if (character === delimiter) {
      record.push(cell);
      cell = '';
    } else if (character === '\n' || character === '\r') endRecord();
    else cell += character;
  }
  if (whole || records.length === 0) endRecord();
  return records;
}

/** Names are words that differ, over values that are numbers somewhere or at least never repeat the names. */
function looksLikeHeader(records: readonly (readonly string[])[]): boolean {
  const [first = [], ...rest] = records;
  if (first.some((cell) => isNumber(cell)) || first.every((cell) => cell.trim() === '')) return false;
  if (rest.length === 0) return true;
  if (first.some((_, i) => rest.some((record) => isNumber(record[i] ?? '')))) return true;
  if (new Set(first).size < first.length) return false;
  return !first.some((cell, i) => cell !== '' && rest.some((record) => record[i] === cell));
}

function mostCommon(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, each) => (each[1] > best[1] ? each : best), [0, 0] as [number, number])[0];
}
