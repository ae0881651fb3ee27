// Results written beside their input: every input column as it came, then the new ones, whole or not at all.
// Apart from reading: results of any length pass through a temporary table on disk.
import { randomBytes } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OddityError } from '../../errors.ts';
import { makeFolder } from '../make-folder.ts';
import { describeFailure } from './database.ts';
import { createResultTable, type ResultColumn, type ResultValues } from './result-table.ts';
import { planRows } from './row-plan.ts';
import type { TableSchema } from './schema.ts';
import { columnId, quoteIdentifier, quoteString } from './sql.ts';
import type { TableSource } from './table-source.ts';

export type { ResultColumn, ResultValues } from './result-table.ts';

/** 'anomaly' where a number column of the results is above a threshold, else 'normal': told from it, not stored. */
export interface VerdictColumn {
  readonly name: string;
  readonly type: 'verdict';
  /** Name of the number column. */
  readonly of: string;
  readonly threshold: number;
}

export interface TableWriter {
  /** Names of the new columns as written: with 'oddity_' before one that the input has too. */
  readonly names: readonly string[];
  /** Results of the next rows, in the order and with the rows of `streamBatches`; verdicts are not among them. */
  append(values: readonly ResultValues[]): void;
  /** Writes the file and puts it in place. Throws STORAGE, BAD_DATA where rows and results do not match. */
  finish(): Promise<void>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
}

const formats: readonly [RegExp, 'parquet' | 'csv' | 'tsv' | 'jsonl'][] = [
  [/\.parquet$/i, 'parquet'],
  [/\.csv(\.gz)?$/i, 'csv'],
  [/\.tsv(\.gz)?$/i, 'tsv'],
  [/\.(jsonl|ndjson)(\.gz)?$/i, 'jsonl'],
];

/** The format that a file's ending asks for. Throws BAD_USAGE. */
export function outputFormat(path: string): 'parquet' | 'csv' | 'tsv' | 'jsonl' {
  const format = formats.find(([ending]) => ending.test(path))?.[1];
  if (format !== undefined) return format;
  throw new OddityError(
    'BAD_USAGE',
    `expected a name ending in .parquet, .csv, .tsv or .jsonl (or .csv.gz and its like), got '${path}'; choose one`,
  );
}

/**
 * Opens a writer of .parquet, .csv, .tsv or .jsonl, the text formats also .gz. Text is written as it came; in Parquet
 * and JSON lines number columns are numbers.
 * @throws OddityError BAD_USAGE for another ending, STORAGE where it cannot be written.
 */
export async function createTableWriter(
  source: TableSource,
  schema: TableSchema,
  path: string,
  columns: readonly (ResultColumn | VerdictColumn)[],
): Promise<TableWriter> {
  const format = outputFormat(path);
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  await preparePlace(path, temporary);
  const names = freeNames(source, columns);
  const connection = await source.database.connect();
  const stored = columns.filter((column): column is ResultColumn => column.type !== 'verdict');
  const results = await createResultTable(source.database, connection, stored);
  const end = async (): Promise<void> => {
    await results.drop();
    connection.closeSync();
    await rm(temporary, { force: true }).catch(() => undefined);
  };
  const finish = async (): Promise<void> => {
    try {
      results.close();
      const select = joinedSelect(source, schema, results.name, columns, names, format);
      await connection.run(`COPY (${select}) TO ${quoteString(temporary)} (${copyOptions(format, path)})`);
      await rename(temporary, path);
    } catch (cause) {
      throw asWriteError(path, cause);
    } finally {
      await end();
    }
  };
  return { names, append: (values) => results.append(values), finish, abort: end };
}

const mismatch = 'rows and results do not match';

/** The input's own columns and the results side by side; a row without results, or results without a row, is an error. */
function joinedSelect(
  source: TableSource,
  schema: TableSchema,
  table: string,
  columns: readonly (ResultColumn | VerdictColumn)[],
  names: readonly string[],
  format: 'parquet' | 'csv' | 'tsv' | 'jsonl',
): string {
  const typed = format === 'parquet' || format === 'jsonl';
  const finite = (value: string): string =>
    format === 'jsonl' ? `CASE WHEN isfinite(${value}) THEN ${value} END` : value;
  // DuckDB writes 0.1 as it is to CSV, but as 0.10000000149011612 to JSON.
  const float = (value: string): string => (format === 'jsonl' ? `${value}::VARCHAR::DOUBLE` : value);
  const numbers = new Set(schema.columns.filter(({ kind }) => kind === 'number').map(({ name }) => name));
  const own = source.columns.slice(0, source.ownColumns).map(({ name }, i) => {
    const type = source.storedTypes[i] ?? '';
    const id = `input.${columnId(i)}`;
    if (!typed) return id;
    if (type === 'VARCHAR') return numbers.has(name) ? finite(`TRY_CAST(${id} AS DOUBLE)`) : id;
    if (type === 'FLOAT') return finite(float(id));
    return type === 'DOUBLE' ? finite(id) : id;
  });
  const stored = columns.filter(({ type }) => type !== 'verdict').map(({ name }) => name);
  const added = columns.map((column) => {
    const id = `results.r${stored.indexOf(column.type === 'verdict' ? column.of : column.name)}`;
    if (column.type === 'verdict') {
      // To DuckDB, NaN is above all numbers.
      const isAbove = `${id} > '${column.threshold}'::DOUBLE AND NOT isnan(${id})`;
      return `CASE WHEN ${isAbove} THEN 'anomaly' ELSE 'normal' END`;
    }
    return column.type === 'boolean' ? `${id}::BOOLEAN` : column.type === 'number' ? finite(float(id)) : id;
  });
  const written = [
    ...distinctIgnoringCase(source.columns.slice(0, source.ownColumns).map(({ name }) => name)),
    ...names,
  ];
  const select = [...own, ...added].map((value, i) => `${value} AS ${quoteIdentifier(written[i] ?? '')}`);
  return `SELECT ${select.join(', ')}
    FROM (SELECT *, 1 AS here FROM (${source.relation(planRows(source, schema).checks)})) AS input
    POSITIONAL JOIN (SELECT *, 1 AS here FROM ${table}) AS results
    WHERE CASE WHEN input.here = 1 AND results.here = 1 THEN TRUE ELSE error('${mismatch}')::BOOLEAN END`;
}

function copyOptions(format: 'parquet' | 'csv' | 'tsv' | 'jsonl', path: string): string {
  if (format === 'parquet') return 'FORMAT parquet, COMPRESSION zstd';
  const compression = `COMPRESSION ${/\.gz$/i.test(path) ? 'gzip' : 'none'}`;
  if (format === 'jsonl') return `FORMAT json, ${compression}`;
  return `FORMAT csv, HEADER true, DELIMITER '${format === 'tsv' ? '\t' : ','}', ${compression}`;
}

/** Columns that differ only in case are one column to some formats. */
function distinctIgnoringCase(names: readonly string[]): string[] {
  const used = new Set<string>();
  return names.map((name) => {
    let distinct = name;
    for (let n = 2; used.has(distinct.toLowerCase()); n++) distinct = `${name}_${n}`;
    used.add(distinct.toLowerCase());
    return distinct;
  });
}

function freeNames(source: TableSource, columns: readonly { readonly name: string }[]): string[] {
  const used = new Set(source.columns.map(({ name }) => name.toLowerCase()));
  return columns.map(({ name }) => {
    let free = name;
    while (used.has(free.toLowerCase())) free = `oddity_${free}`;
    used.add(free.toLowerCase());
    return free;
  });
}

/** Finds out before the work whether a file can be written there. */
async function preparePlace(path: string, temporary: string): Promise<void> {
  try {
    await makeFolder(dirname(path));
    const there = await stat(path).catch(() => undefined);
    if (there?.isDirectory() === true) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
    await (await open(temporary, 'wx')).close();
  } catch (cause) {
    throw asWriteError(path, cause);
  }
}

function asWriteError(path: string, cause: unknown): OddityError {
  if (cause instanceof OddityError) return cause;
  if (String(cause).includes(mismatch)) {
    return new OddityError(
      'BAD_DATA',
      `${path}: expected a result for each row of the table, got another number; score the table from its first row to its last`,
      { cause },
    );
  }
  const described = describeFailure(cause, path);
  if (described.code === 'ABORTED') return described;
  const said = (cause as NodeJS.ErrnoException).code ?? (String(cause).split('\n')[0] ?? '').slice(0, 160);
  return new OddityError(
    'STORAGE',
    `expected to be able to write ${path}, got ${said}; choose another place, or make room there`,
    { data: { path }, cause },
  );
}
