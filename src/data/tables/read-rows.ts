// Rows of an open table as typed columns: a sample of them to learn from, or all of them batch by batch.
// Apart from source.ts: there is SQL, here are arrays.
import { OddityError } from '../../errors.ts';
import type { CategoryColumn, TableSet } from '../table.ts';
import type { TableSchema } from './schema.ts';
import type { TableSource } from './source.ts';

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
  readonly where?: readonly RowFilter[];
  /** Only the first rows, before sampling. */
  readonly limit?: number;
}

/**
 * Columns in schema order. A category's dictionary is the schema's, then the values unknown to it as they were met:
 * a code at or past the schema's length is a value never seen in training, -1 is a missing one.
 */
export interface ReadRows {
  readonly rows: TableSet;
  readonly label?: CategoryColumn;
  /** Position of each row in the table, 0 first. */
  readonly rowNumbers: Float64Array;
  /** How many rows there were to draw from. */
  readonly total: number;
}

/** Reads the features, sampled where there are too many. Throws BAD_DATA, with file, line and column of a bad row. */
export function readRows(
  _source: TableSource,
  _schema: TableSchema,
  _options: ReadRowsOptions = {},
): Promise<ReadRows> {
  throw new OddityError('UNSUPPORTED', 'readRows: not written yet');
}

export interface RowBatch {
  /** Position of the batch's first row in the table. */
  readonly start: number;
  readonly rows: TableSet;
  readonly label?: CategoryColumn;
}

/** All rows in order in batches of `batchRows` (8,192), in memory that does not grow. Throws BAD_DATA, ABORTED. */
// biome-ignore lint/correctness/useYield: to be written
export async function* streamBatches(
  _source: TableSource,
  _schema: TableSchema,
  _options: { readonly batchRows?: number; readonly signal?: AbortSignal } = {},
): AsyncGenerator<RowBatch> {
  throw new OddityError('UNSUPPORTED', 'streamBatches: not written yet');
}

export interface Rejects {
  /** Rows left out. */
  readonly count: number;
  /** The first of them in words: file, line, column and reason. */
  readonly first?: string;
}

/**
 * Finds the bad rows of a table opened with `skip`, in one pass, and writes them to `path` where one is given, as CSV:
 * file, line, column, reason, raw line. Throws STORAGE; BAD_DATA where no good row is left.
 */
export function findRejects(_source: TableSource, _schema: TableSchema, _path?: string): Promise<Rejects> {
  throw new OddityError('UNSUPPORTED', 'findRejects: not written yet');
}
