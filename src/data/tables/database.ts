// DuckDB in memory, loaded when a table is first opened, spilling to a folder of its own that is gone after.
// What DuckDB says when it fails is turned into one line here.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { OddityError } from '../../errors.ts';

export interface Database {
  /** A connection of its own for each stream: tables are shared, a stream blocks its connection. */
  connect(): Promise<DuckDBConnection>;
  /** A number that no other table of this database has. */
  nextId(): number;
  /** A folder for temporary files, gone after `close`. */
  readonly folder: string;
  close(): Promise<void>;
}

/** Starts DuckDB. Throws UNSUPPORTED where it cannot be loaded. */
export async function openDatabase(threads?: number): Promise<Database> {
  const { DuckDBInstance } = await loadDuckDB();
  const folder = await mkdtemp(join(tmpdir(), 'oddity-table-'));
  const instance = await DuckDBInstance.create(':memory:', {
    temp_directory: folder,
    memory_limit: `${Math.round(Math.max(2 ** 30, totalmem() / 4) / 2 ** 20)}MiB`,
    // Nothing is fetched: all that is needed is built in.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    ...(threads === undefined ? {} : { threads: String(threads) }),
  });
  const connect = async (): Promise<DuckDBConnection> => {
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    return connection;
  };
  let lastId = 0;
  const nextId = (): number => ++lastId;
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  };
  return { connect, nextId, folder, close };
}

async function loadDuckDB(): Promise<typeof import('@duckdb/node-api')> {
  try {
    return await import('@duckdb/node-api');
  } catch (cause) {
    throw new OddityError(
      'UNSUPPORTED',
      `tables: expected DuckDB for this platform, got none that loads (${firstLine(cause)}); run npm install @duckdb/node-api`,
      { cause },
    );
  }
}

/** The rows of a short query. Throws what DuckDB says as an OddityError about `name`. */
export async function queryRows(
  database: Database,
  sql: string,
  name: string,
): Promise<readonly (readonly unknown[])[]> {
  const connection = await database.connect();
  try {
    const result = await connection.runAndReadAll(sql);
    return result.getRowsJS();
  } catch (error) {
    throw describeFailure(error, name);
  } finally {
    connection.closeSync();
  }
}

const failures: readonly [RegExp, OddityError['code'], string][] = [
  [/interrupt/i, 'ABORTED', 'stopped'],
  [
    /no magic bytes|magic bytes|not a parquet|too small to be a parquet|footer/i,
    'BAD_DATA',
    'expected an intact Parquet file, got a damaged or cut one; fetch or write it again',
  ],
  [
    /state machine reached an invalid state/i,
    'BAD_DATA',
    'expected lines that all end alike, got both \\n and \\r\\n; convert the file, for instance with dos2unix',
  ],
  [
    /maximum line size/i,
    'BAD_DATA',
    'expected lines shorter than 2 MB, got a longer one, as after a quote that is never closed; mend the quotes',
  ],
  [/no space left|ENOSPC|disk full/i, 'STORAGE', 'expected room on the disk, got none; make room'],
  [/permission denied|read-only/i, 'STORAGE', 'expected permission, got none; check the permissions'],
  [/out of memory|failed to allocate/i, 'STORAGE', 'expected enough memory, got too little; use fewer rows'],
];

/** What DuckDB said, as one line about `name`; an OddityError stays as it is. */
export function describeFailure(error: unknown, name: string): OddityError {
  if (error instanceof OddityError) return error;
  const said = error instanceof Error ? error.message : String(error);
  const known = failures.find(([pattern]) => pattern.test(said));
  if (known !== undefined) return new OddityError(known[1], `${name}: ${known[2]}`, { cause: error });
  return new OddityError(
    'BAD_DATA',
    `${name}: expected a readable table, got '${firstLine(error)}'; check or rewrite the file`,
    { cause: error },
  );
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').replace(/^[A-Za-z ]*Error: /, '').slice(0, 200);
}
