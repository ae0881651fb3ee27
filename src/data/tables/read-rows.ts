// Rows of an open table as typed columns: a sample of them to learn from, or all of them batch by batch.
// Apart from source.ts: there is SQL, here are arrays.
import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import { OddityError } from '../../errors.ts';
import { createRandom } from '../../nn/random.ts';
import type { CategoryColumn, TableSet } from '../table.ts';
import { requireColumn } from './infer-schema.ts';
import { explainFailure, findBadRows, type Rejects } from './rejects.ts';
import { createReservoir } from './reservoir.ts';
import { planRows, RowBuffer, type RowPlan } from './row-plan.ts';
import type { TableSchema } from './schema.ts';
import { columnId, quoteString } from './sql.ts';
import type { TableSource } from './table-source.ts';

export type { Rejects } from './rejects.ts';

/** Only rows whose column holds one of the values, compared as text. */
export interface RowFilter {
  readonly column: string;
  readonly values: readonly string[];
}

export interface ReadRowsOptions {
  /** At most so many rows, drawn at random by `seed` and kept in order; 1,000,000 unless given. */
  readonly sampleRows?: number;
  /** 0 unless given. */
  readonly seed?: number | string;
  /** Filters that a row must all pass. */
  readonly where?: readonly RowFilter[];
  /** Only the first rows, before sampling. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/**
 * Columns in schema order. A category's dictionary is the schema's, then the values unknown to it as they were met:
 * a code at or past the schema's length is a value never seen in training, -1 is a missing one.
 */
export interface ReadRows {
  readonly rows: TableSet;
  /** The schema's label column where the file has it, its dictionary in the order of the rows. */
  readonly label?: CategoryColumn;
  /** Position of each row among those that were there to draw from, 0 first. */
  readonly rowNumbers: Float64Array;
  /** How many rows there were to draw from. */
  readonly total: number;
}

/**
 * Reads the features, sampled where there are too many.
 * @throws OddityError BAD_DATA with file, line and column of a bad row, or where no row is left; ABORTED.
 */
export async function readRows(
  source: TableSource,
  schema: TableSchema,
  options: ReadRowsOptions = {},
): Promise<ReadRows> {
  const { sampleRows = 1_000_000, seed = 0, where = [], limit, signal } = options;
  const plan = planRows(source, schema);
  const reservoir = createReservoir(sampleRows, createRandom(`sample/${seed}`));
  const buffer = new RowBuffer(plan, Math.min(sampleRows, 1 << 16));
  let total = 0;
  await forEachChunk(source, plan, { where, limit, signal }, (chunk) => {
    const { rowCount } = chunk;
    const direct = Math.min(rowCount, Math.max(0, sampleRows - total));
    if (direct > 0) buffer.copy(chunk, 0, direct, buffer.count);
    for (let row = direct; row < rowCount; row++) {
      const slot = reservoir.slotFor(total + row);
      if (slot !== undefined) buffer.copy(chunk, row, 1, slot);
    }
    total += rowCount;
  });
  if (total === 0) throw await explainNone(source, plan, where);
  const rowNumbers = reservoir.rowNumbers(total);
  if (total <= sampleRows) return { ...buffer.take(), rowNumbers, total };
  const order = Array.from(rowNumbers.keys()).sort((a, b) => (rowNumbers[a] ?? 0) - (rowNumbers[b] ?? 0));
  return { ...buffer.take(order), rowNumbers: rowNumbers.sort(), total };
}

export interface RowBatch {
  /** Position of the batch's first row in the table, bad rows not counted. */
  readonly start: number;
  readonly rows: TableSet;
  readonly label?: CategoryColumn;
}

/**
 * All rows in order in batches of `batchRows` (8,192), in memory that does not grow; the next batch is read while one
 * is used. Throws BAD_DATA, ABORTED.
 */
export async function* streamBatches(
  source: TableSource,
  schema: TableSchema,
  options: { readonly batchRows?: number; readonly signal?: AbortSignal } = {},
): AsyncGenerator<RowBatch> {
  const batches = readBatches(source, schema, options);
  let next = batches.next();
  try {
    for (;;) {
      const { done, value } = await next;
      if (options.signal?.aborted === true) throw aborted(source);
      if (done === true) return;
      next = batches.next();
      // Thrown when its turn comes, not before.
      next.catch(() => undefined);
      yield value;
    }
  } finally {
    await batches.return(undefined);
  }
}

async function* readBatches(
  source: TableSource,
  schema: TableSchema,
  { batchRows = 8192, signal }: { readonly batchRows?: number; readonly signal?: AbortSignal },
): AsyncGenerator<RowBatch, undefined> {
  const plan = planRows(source, schema);
  let buffer = new RowBuffer(plan, batchRows);
  let start = 0;
  for await (const chunk of chunks(source, plan, { where: [], signal })) {
    for (let row = 0; row < chunk.rowCount; ) {
      const count = Math.min(chunk.rowCount - row, batchRows - buffer.count);
      buffer.copy(chunk, row, count, buffer.count);
      row += count;
      if (buffer.count < batchRows) continue;
      if (signal?.aborted === true) throw aborted(source);
      yield { start, ...buffer.take() };
      start += batchRows;
      buffer = new RowBuffer(plan, batchRows);
    }
  }
  if (buffer.count > 0) yield { start, ...buffer.take() };
  else if (start === 0) throw await explainNone(source, plan, []);
  return undefined;
}

/**
 * Finds the bad rows of a table opened with `skip`, in one pass, and writes them to `path` where one is given, as CSV:
 * file, line, column, reason, raw line. None where bad rows are errors. Throws STORAGE, BAD_DATA.
 */
export async function findRejects(source: TableSource, schema: TableSchema, path?: string): Promise<Rejects> {
  if (source.onBadRow === 'fail') return { count: 0 };
  return findBadRows(source, planRows(source, schema).checks, path);
}

interface Query {
  readonly where: readonly RowFilter[];
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

async function forEachChunk(
  source: TableSource,
  plan: RowPlan,
  query: Query,
  visit: (chunk: Chunk) => void,
): Promise<void> {
  for await (const chunk of chunks(source, plan, query)) visit(chunk);
}

type Chunk = NonNullable<Awaited<ReturnType<DuckDBResult['fetchChunk']>>>;

/** Chunks of at most 2,048 rows in order; the next one is on its way while one is used. */
async function* chunks(source: TableSource, plan: RowPlan, query: Query): AsyncGenerator<Chunk> {
  const { signal } = query;
  const conditions = query.where.map(({ column, values }) => {
    const names = source.columns.map(({ name }) => name);
    const id = columnId(requireColumn(names, column, '--where', source.name));
    return `${id}::VARCHAR IN (${values.map(quoteString).join(', ')})`;
  });
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const limit = query.limit === undefined ? '' : ` LIMIT ${Math.max(0, Math.floor(query.limit))}`;
  const connection: DuckDBConnection = await source.database.connect();
  const stop = (): void => connection.interrupt();
  const isAborted = (): boolean => signal?.aborted === true;
  signal?.addEventListener('abort', stop, { once: true });
  let pending: Promise<Chunk | null> | undefined;
  try {
    if (isAborted()) throw aborted(source);
    const result = await connection.stream(
      `SELECT ${plan.select} FROM (SELECT * FROM (${source.relation(plan.checks)})${where}${limit})`,
    );
    pending = result.fetchChunk();
    for (;;) {
      const chunk = await pending;
      pending = undefined;
      if (isAborted()) throw aborted(source);
      if (chunk === null || chunk.rowCount === 0) return;
      pending = result.fetchChunk();
      yield chunk;
    }
  } catch (error) {
    if (isAborted()) throw aborted(source);
    throw await explainFailure(source, plan.checks, error);
  } finally {
    signal?.removeEventListener('abort', stop);
    await pending?.catch(() => undefined);
    connection.closeSync();
  }
}

function aborted(source: TableSource): OddityError {
  return new OddityError('ABORTED', `${source.name}: reading was stopped; run it again`);
}

async function explainNone(
  source: TableSource,
  plan: RowPlan,
  where: readonly RowFilter[],
): Promise<OddityError> {
  const rejects = source.onBadRow === 'skip' ? await findBadRows(source, plan.checks) : undefined;
  const filter = where.map(({ column, values }) => `${column} = ${values.join(' or ')}`).join(' and ');
  const got =
    rejects?.first !== undefined
      ? `none: all ${rejects.count} are bad, the first of them ${rejects.first}`
      : where.length > 0
        ? `none where ${filter}`
        : 'none';
  return new OddityError(
    'BAD_DATA',
    `${source.name}: expected at least one good row, got ${got}; check the file against the columns asked for`,
  );
}
