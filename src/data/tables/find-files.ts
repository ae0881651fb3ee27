// Which files a path means, and what each of them really is: told by its first bytes, held against its ending.
import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { OddityError } from '../../errors.ts';
import { type Database, queryRows } from './database.ts';
import { quoteString } from './sql.ts';

/** What the bytes of a file are, before anything is known of its columns. */
export type Content = 'text' | 'jsonl' | 'parquet' | 'npy' | 'npz';

export interface FoundFile {
  readonly path: string;
  readonly content: Content;
  readonly gzip: boolean;
  /** The text it begins with; empty for files that are not text. */
  readonly text: string;
  /** Whether that is all of it. */
  readonly whole: boolean;
}

const endings: Readonly<Record<string, Content>> = {
  csv: 'text',
  tsv: 'text',
  txt: 'text',
  data: 'text',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  json: 'jsonl',
  parquet: 'parquet',
  npy: 'npy',
  npz: 'npz',
};
const words: Readonly<Record<Content, string>> = {
  text: 'CSV text',
  jsonl: 'JSON lines',
  parquet: 'a Parquet file',
  npy: 'a NumPy array',
  npz: 'an npz file',
};
const sniffed = 1 << 18;

/** The paths that a file, a folder or a glob means, in order. Throws NO_DATA, STORAGE. */
export async function findFiles(path: string, database: Database): Promise<readonly string[]> {
  const there = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT' && cause.code !== 'ENOTDIR') throw unreadable(path, cause);
    return undefined;
  });
  if (there?.isDirectory()) {
    const names = await readdir(path).catch((cause) => {
      throw unreadable(path, cause);
    });
    const tables = names.filter((name) => !name.startsWith('.') && endingOf(name) !== undefined).sort();
    if (tables.length > 0) return tables.map((name) => join(path, name));
    throw new OddityError(
      'NO_DATA',
      `${path}: expected a folder with tables (.csv, .tsv, .jsonl, .parquet, .npz), got none in it; check the path`,
      { data: { path } },
    );
  }
  if (there !== undefined) return [path];
  const rows = /[*?[]/.test(path)
    ? await queryRows(database, `SELECT file FROM glob(${quoteString(path)}) ORDER BY file`, path)
    : [];
  const hidden = basename(path).startsWith('.');
  const matching = rows
    .map(([file]) => String(file))
    .filter((file) => hidden || !basename(file).startsWith('.'));
  if (matching.length > 0) return matching;
  throw new OddityError(
    'NO_DATA',
    `${path}: expected a file, a folder or a pattern that matches files, got nothing there; check the path`,
    { data: { path } },
  );
}

/** Looks at the first bytes of a file; a gzip is unpacked once to see that it is whole. Throws BAD_DATA, STORAGE. */
export async function examineFile(path: string): Promise<FoundFile> {
  const head = await readHeadBytes(path);
  const claim = endingOf(basename(path));
  const signature = String.fromCharCode(...head.subarray(0, 4));
  const gzip = head[0] === 0x1f && head[1] === 0x8b;
  let content: Content | undefined;
  if (signature === 'PAR1') content = 'parquet';
  else if (signature.startsWith('PK\x03\x04')) content = 'npz';
  else if (head[0] === 0x93 && signature.slice(1) === 'NUM') content = 'npy';
  if (content !== undefined || (claim !== undefined && claim !== 'text' && claim !== 'jsonl')) {
    if (content !== claim && claim !== undefined) {
      if (head.length === 0) throw empty(path);
      throw mismatch(
        path,
        claim,
        content === undefined ? (gzip ? 'a gzip' : 'something else') : words[content],
      );
    }
    return { path, content: content ?? 'text', gzip: false, text: '', whole: false };
  }
  const bytes = gzip ? await unpackHead(path) : head;
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw new OddityError('BAD_DATA', `${path}: expected UTF-8 text, got UTF-16; save it as UTF-8`);
  }
  if (bytes.includes(0)) throw mismatch(path, claim ?? 'text', 'binary data');
  const text = new TextDecoder().decode(bytes);
  const start = text.trimStart();
  if (start === '') throw empty(path);
  if (claim === 'jsonl' && start[0] === '[') {
    throw new OddityError(
      'BAD_DATA',
      `${path}: expected one JSON object on each line, got a JSON list; write it as JSON lines, for instance with jq -c '.[]'`,
    );
  }
  const looksJson = start[0] === '{' && isObject(start.split('\n')[0] ?? '');
  if (claim === 'jsonl' && start[0] !== '{') throw mismatch(path, claim, 'other text');
  if (/\.[ct]sv(\.gz)?$/i.test(path) && looksJson) throw mismatch(path, 'text', words.jsonl);
  return {
    path,
    content: claim === 'jsonl' || looksJson ? 'jsonl' : 'text',
    gzip,
    text,
    whole: bytes.length < sniffed,
  };
}

function endingOf(name: string): Content | undefined {
  const ending = /\.([a-z]+)(?:\.gz)?$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(endings, ending) ? endings[ending] : undefined;
}

function isObject(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}

async function readHeadBytes(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(sniffed), 0, sniffed, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** The first bytes of a gzip's content. All of it is unpacked: DuckDB reads a damaged or cut gzip without a word. */
async function unpackHead(path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const sink = new Writable({
    highWaterMark: 1 << 20,
    write(chunk: Uint8Array, _encoding, done) {
      if (length < sniffed) chunks.push(chunk.subarray(0, sniffed - length));
      length += chunk.length;
      done();
    },
  });
  try {
    await pipeline(
      createReadStream(path, { highWaterMark: 1 << 20 }),
      createGunzip({ chunkSize: 1 << 20 }),
      sink,
    );
  } catch (cause) {
    if (!String((cause as NodeJS.ErrnoException).code).startsWith('Z_')) throw unreadable(path, cause);
    throw new OddityError(
      'BAD_DATA',
      `${path}: expected an intact gzip file, got a damaged or cut one (${(cause as Error).message}); fetch it again`,
      { data: { path }, cause },
    );
  }
  return Buffer.concat(chunks);
}

function empty(path: string): OddityError {
  return new OddityError('BAD_DATA', `${path}: expected a table, got an empty file; check the file`);
}

function mismatch(path: string, claim: Content, got: string): OddityError {
  return new OddityError(
    'BAD_DATA',
    `${path}: expected ${words[claim]}, as its name says, got ${got}; check the file or its ending`,
    { data: { path } },
  );
}

function unreadable(path: string, cause: unknown): OddityError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new OddityError(
    'STORAGE',
    `${path}: expected a readable file, got ${code}; check its type and permissions`,
    { data: { path }, cause },
  );
}
