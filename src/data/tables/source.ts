// One table, wherever it lies: files of text, Parquet or arrays, opened as one SQL relation that keeps their order.
// Apart from what is done with it: reading, profiles, windows and writing all take a TableSource.
import { basename } from 'node:path';
import { OddityError } from '../../errors.ts';
import { loadArrays } from './array-table.ts';
import { columnStats } from './column-stats.ts';
import { type Database, openDatabase, queryRows } from './database.ts';
import { tellDialect } from './dialect.ts';
import { examineFile, type FoundFile, findFiles } from './find-files.ts';
import { mendCsv } from './mend-csv.ts';
import { nearestName } from './nearest-name.ts';
import { explainFailure, hasBrokenQuotes } from './rejects.ts';
import { quoteName } from './schema.ts';
import { columnId, quotePath } from './sql.ts';
import { partRelation, type TablePart } from './table-part.ts';
import { filterRows, type TableFormat, type TableSource } from './table-source.ts';

export type { ColumnCheck, TableFormat, TableSource } from './table-source.ts';

export interface OpenTableOptions {
  /** Whether text files begin with names; told from their first lines unless given. */
  readonly header?: boolean;
  /** Names for files without a header; with `header`, they take the place of the file's own. */
  readonly columnNames?: readonly string[];
  /** `fail` (the default): the first row that cannot be read is an error. `skip`: it is left out, counted and reported. */
  readonly onBadRow?: 'fail' | 'skip';
  /** Threads of DuckDB; as many as there are cores unless given. */
  readonly threads?: number;
}

/**
 * Opens a file, a folder of files or a glob of them: CSV and TSV (any separator, told from the first lines),
 * blank-separated text, JSON lines, Parquet, npy and npz; text files may be gzipped.
 * @throws OddityError NO_DATA where there is nothing, BAD_DATA where a file is not what its ending says or has no rows,
 *   STORAGE where it cannot be read, UNSUPPORTED where DuckDB cannot be loaded.
 */
export async function openTable(path: string, options: OpenTableOptions = {}): Promise<TableSource> {
  const database = await openDatabase(options.threads);
  try {
    return await openTableIn(database, path, options);
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Opens a table beside others in one database, which the caller closes where this throws. */
export async function openTableIn(
  database: Database,
  path: string,
  options: OpenTableOptions = {},
): Promise<TableSource> {
  const files = await findFiles(path, database);
  const opened: OpenedPart[] = [];
  for (const file of files) opened.push(await openPart(await examineFile(file), database, options));
  const parts = opened.map(({ part }) => part);
  const first = opened[0];
  if (first === undefined) throw new OddityError('NO_DATA', `${path}: expected files, got none`);
  const names = unitedNames(parts);
  const storedTypes = first.part.kind === 'jsonl' ? names.map(() => 'VARCHAR') : first.types;
  const relationOf = (lenient: boolean): string =>
    parts.map((part) => partRelation(part, names, lenient)).join('\nUNION ALL\n');
  const source: TableSource = {
    name: path,
    format: first.format,
    columns: names.map((name, i) => ({ name, type: storedTypes[i] ?? 'VARCHAR' })),
    storedTypes,
    onBadRow: options.onBadRow ?? 'fail',
    parts,
    ownColumns: names.length,
    checks: [],
    database,
    relation: (checks) =>
      options.onBadRow === 'skip' ? filterRows(relationOf(true), checks) : relationOf(false),
    close: () => database.close(),
  };
  const sample = `SELECT * FROM (${relationOf(true)}) LIMIT 2000`;
  const stats = await columnStats(database, sample, storedTypes, path);
  if ((stats[0]?.rows ?? 0) === 0) throw await explainEmpty(source);
  const columns = source.columns.map((column, i) => ({ ...column, type: stats[i]?.type ?? column.type }));
  return { ...source, columns };
}

interface OpenedPart {
  readonly part: TablePart;
  readonly types: readonly string[];
  readonly format: TableFormat;
}

async function openPart(
  found: FoundFile,
  database: Database,
  options: OpenTableOptions,
): Promise<OpenedPart> {
  const { path: file, content, gzip } = found;
  if (content === 'npy' || content === 'npz') {
    const table = `arrays_${database.nextId()}`;
    return { ...(await loadArrays(file, content, database, table)), format: content };
  }
  if (content === 'parquet') {
    const rows = await queryRows(database, `DESCRIBE SELECT * FROM read_parquet(${quotePath(file)})`, file);
    const fields = rows.map(([name]) => String(name));
    return {
      part: { kind: 'parquet', file, fields },
      types: rows.map(([, type]) => String(type)),
      format: content,
    };
  }
  if (content === 'jsonl') {
    const newline = found.text.includes('\r\n') ? '\r\n' : '\n';
    const fields = jsonNames(found);
    const part: TablePart = { kind: 'jsonl', file, gzip, newline, fields };
    return { part, types: fields.map(() => 'VARCHAR'), format: content };
  }
  const dialect = tellDialect(found.text, found.whole, file, options);
  const blank = dialect.delimiter === ' ';
  const shared = { file, gzip, dialect, fields: dialect.names };
  const part: TablePart = blank ? { kind: 'blank', ...shared } : { kind: 'csv', ...shared };
  const mended =
    part.kind === 'csv' && options.onBadRow === 'skip' && (await hasBrokenQuotes(part, database))
      ? await mendCsv(part, database)
      : part;
  return {
    part: mended,
    types: dialect.names.map(() => 'VARCHAR'),
    format: blank ? 'blank-separated' : 'csv',
  };
}

/** The names of the objects in the first lines, in the order they come up. */
function jsonNames({ text, whole }: FoundFile): string[] {
  const names = new Set<string>();
  const lines = text.split(/\r?\n/);
  for (const line of whole || lines.length === 1 ? lines : lines.slice(0, -1)) {
    try {
      const object: unknown = JSON.parse(line);
      if (object !== null && typeof object === 'object')
        for (const name of Object.keys(object)) names.add(name);
    } catch {
      // Said with its line where rows are read.
    }
  }
  return [...names];
}

/** The columns that all files have, in the order of the first; JSON objects may lack some. Throws BAD_DATA. */
function unitedNames(parts: readonly TablePart[]): readonly string[] {
  const [first, ...others] = parts;
  if (first === undefined) return [];
  if (parts.every(({ kind }) => kind === 'jsonl')) return [...new Set(parts.flatMap(({ fields }) => fields))];
  for (const part of others) {
    const missing = first.fields.find((name) => !part.fields.includes(name));
    const extra = part.fields.filter((name) => !first.fields.includes(name));
    if (part.kind !== first.kind) {
      throw new OddityError(
        'BAD_DATA',
        `${part.file}: expected the format of ${basename(first.file)}, got another; open files of one format at a time`,
      );
    }
    if (missing === undefined && extra.length === 0) continue;
    const near = missing === undefined ? undefined : nearestName(missing, extra);
    const got =
      missing === undefined ? `${quoteName(extra[0] ?? '')} beside them` : `none named ${quoteName(missing)}`;
    throw new OddityError(
      'BAD_DATA',
      `${part.file}: expected the columns of ${basename(first.file)}, got ${got}; ${
        near === undefined
          ? 'open files with the same columns'
          : `rename ${quoteName(near)} if that is the one`
      }`,
      { data: { file: part.file, missing, extra } },
    );
  }
  return first.fields;
}

async function explainEmpty(source: TableSource): Promise<OddityError> {
  const bad = await explainFailure(source, [], undefined);
  if (/--on-bad-row/.test(bad.message)) return bad;
  const header = source.parts.some((part) => part.kind === 'csv' && part.dialect.header);
  return new OddityError(
    'BAD_DATA',
    `${source.name}: expected rows, got ${header ? 'only a header' : 'none'}; give a table with at least one row`,
  );
}

/** How many rows there are; text files are read once, bad values are not looked for. Throws BAD_DATA. */
export async function countRows(source: TableSource): Promise<number> {
  const sql = `SELECT count(*)::DOUBLE FROM (${source.relation(source.checks)})`;
  try {
    const [row = []] = await queryRows(source.database, sql, source.name);
    return Number(row[0]);
  } catch (error) {
    throw await explainFailure(source, source.checks, (error as Error).cause ?? error);
  }
}

/** The first rows as text for people, null where a value is missing. */
export async function readHead(
  source: TableSource,
  count = 5,
): Promise<readonly (readonly (string | null)[])[]> {
  const columns = source.columns.map((_, i) => `${columnId(i)}::VARCHAR`).join(', ');
  const sql = `SELECT ${columns} FROM (${source.relation(source.checks)}) LIMIT ${Math.floor(count)}`;
  const rows = await queryRows(source.database, sql, source.name);
  return rows.map((row) => row.map((cell) => (cell === null ? null : String(cell))));
}
