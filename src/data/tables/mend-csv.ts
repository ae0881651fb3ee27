// A copy of a CSV file without the lines that break it, as empty lines so that the others keep their numbers.
// Needed where a quote is broken and bad rows are to be skipped: DuckDB then drops good rows after it without a word.
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { OddityError } from '../../errors.ts';
import type { Database } from './database.ts';
import type { TablePart } from './table-part.ts';

type CsvPart = Extract<TablePart, { kind: 'csv' }>;

/** A value over more lines or bytes than these is taken for a quote that was never closed. */
const mostLines = 100;
const mostBytes = 1 << 20;
const [quote, newline, carriageReturn] = [34, 10, 13];

/**
 * Copies the good records of a file, and writes the others as CSV: line, reason, raw line.
 * @throws OddityError BAD_DATA where an empty line would be a row, or lines end as on old Macs.
 */
export async function mendCsv(part: CsvPart, database: Database): Promise<CsvPart> {
  if (part.fields.length < 2 || part.dialect.newline === '\r') {
    throw new OddityError(
      'BAD_DATA',
      `${part.file}: expected closed quotes, got a broken one that cannot be skipped in ${part.fields.length < 2 ? 'a single column' : 'lines that end with \\r'}; close the quote`,
    );
  }
  const id = database.nextId();
  const [readFrom, rejected] = [
    join(database.folder, `mended_${id}.csv`),
    join(database.folder, `rejected_${id}.csv`),
  ];
  const [good, bad] = [openWriter(readFrom), openWriter(rejected)];
  const width = part.fields.length;
  const delimiter = part.dialect.delimiter.charCodeAt(0);
  let waiting: Buffer[] = [];
  let number = 1;
  await bad.write('line,reason,raw\n');
  const keep = async (): Promise<void> => {
    for (const line of waiting) await good.write(line);
    number += waiting.length;
    waiting = [];
  };
  const reject = async (reason: string, count: number): Promise<void> => {
    const lines = waiting.splice(0, count);
    const raw = Buffer.concat(lines).toString('utf8').trimEnd();
    await bad.write(`${number},"${reason}","${raw.replaceAll('"', '""')}"\n`);
    await good.write(part.dialect.newline.repeat(lines.length));
    number += lines.length;
  };
  /** Deals with what waits; false where a quote is open and the next line may close it. */
  const settle = async (last: boolean): Promise<void> => {
    while (waiting.length > 0) {
      const record = waiting.length === 1 ? (waiting[0] ?? Buffer.alloc(0)) : Buffer.concat(waiting);
      const found = examineRecord(record, delimiter);
      if (found === 'open' && !last && waiting.length < mostLines && record.length < mostBytes) return;
      if (found === 'open' || found === 'broken') {
        // Only its first line is at fault: the others are looked at again, one by one.
        const others = waiting.splice(1);
        await reject('expected closed quotes, got a broken one', 1);
        for (const [i, line] of others.entries()) {
          waiting.push(line);
          await settle(last && i === others.length - 1);
        }
        return;
      }
      if (found === 0 || found === width) await keep();
      else
        await reject(`expected ${width} values, got too ${found < width ? 'few' : 'many'}`, waiting.length);
    }
  };
  for await (const line of readLines(part.file, part.gzip)) {
    waiting.push(line);
    await settle(false);
  }
  await settle(true);
  await Promise.all([good.end(), bad.end()]);
  return { ...part, gzip: false, readFrom, rejected };
}

/** How many values a record has, 0 for an empty line; 'open' where a quote is not closed in it. */
function examineRecord(record: Buffer, delimiter: number): number | 'open' | 'broken' {
  let end = record.length;
  while (end > 0 && (record[end - 1] === newline || record[end - 1] === carriageReturn)) end--;
  if (end === 0) return 0;
  let values = 1;
  let at = 0;
  while (at <= end) {
    if (record[at] === quote) {
      at++;
      for (;;) {
        at = record.indexOf(quote, at);
        if (at < 0) return 'open';
        if (record[at + 1] !== quote) break;
        at += 2;
      }
      at++;
      if (at < end && record[at] !== delimiter) return 'broken';
    } else {
      while (at < end && record[at] !== delimiter) at++;
    }
    if (at >= end) return values;
    values++;
    at++;
  }
  return values;
}

/** Lines with their ends. */
async function* readLines(file: string, gzip: boolean): AsyncGenerator<Buffer> {
  const bytes = createReadStream(file, { highWaterMark: 1 << 20 });
  const chunks: AsyncIterable<Buffer> = gzip ? bytes.pipe(createGunzip()) : bytes;
  let rest: Buffer[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const line = chunk.subarray(start, end + 1);
      yield rest.length === 0 ? line : Buffer.concat([...rest, line]);
      rest = [];
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
  if (rest.length > 0) yield Buffer.concat(rest);
}

function openWriter(path: string): {
  write(content: string | Buffer): Promise<void>;
  end(): Promise<void>;
} {
  const stream: Writable = createWriteStream(path, { highWaterMark: 1 << 20 });
  const failed = new Promise<never>((_, fail) => stream.once('error', fail));
  failed.catch(() => undefined);
  return {
    async write(content) {
      if (stream.write(content)) return;
      await Promise.race([new Promise<void>((done) => stream.once('drain', done)), failed]);
    },
    end: () => Promise.race([new Promise<void>((done) => stream.end(done)), failed]),
  };
}
