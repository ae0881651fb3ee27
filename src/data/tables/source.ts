// One table, wherever it lies: files of text, Parquet or arrays, opened as one SQL relation that keeps their order.
// Apart from what is done with it: reading, profiles, windows and writing all take a TableSource.
import type { DuckDBConnection } from '@duckdb/node-api';
import { OddityError } from '../../errors.ts';
import type { SourceColumn } from './schema.ts';

export type TableFormat = 'csv' | 'blank-separated' | 'jsonl' | 'parquet' | 'npy' | 'npz';

export interface OpenTableOptions {
  /** Whether text files begin with names; told from their first lines unless given. */
  readonly header?: boolean;
  /** Names for files without a header. */
  readonly columnNames?: readonly string[];
  /** `fail` (the default): the first row that cannot be read is an error. `skip`: it is left out, counted and reported. */
  readonly onBadRow?: 'fail' | 'skip';
  /** Threads of DuckDB; as many as there are cores unless given. */
  readonly threads?: number;
}

/** A column whose text must be readable as this type, for its row to be a good one. */
export interface ColumnCheck {
  readonly name: string;
  readonly type: 'DOUBLE' | 'TIMESTAMP';
}

/** An open table. Columns of text files are text inside, so that they are written back as they came. */
export interface TableSource {
  /** For people: the file's name, or how many files of which folder. */
  readonly name: string;
  readonly files: readonly string[];
  readonly format: TableFormat;
  /** In the order of the file; `type` is told from the first rows where the file has no types. */
  readonly columns: readonly SourceColumn[];
  readonly onBadRow: 'fail' | 'skip';
  readonly connection: DuckDBConnection;
  /** SQL of the rows in order, as a SELECT of `columns` without those rows that fail a check, where bad rows are skipped. */
  relation(checks: readonly ColumnCheck[]): string;
  /** Frees DuckDB and its temporary files; the source is of no use afterwards. */
  close(): void;
}

/**
 * Opens a file, a folder of files or a glob of them: CSV and TSV (any separator, told from the first lines),
 * blank-separated text, JSON lines, Parquet, npy and npz; text files may be gzipped.
 * @throws OddityError NO_DATA where there is nothing, BAD_DATA where a file is not what its ending says,
 *   STORAGE where it cannot be read, UNSUPPORTED where DuckDB cannot be loaded.
 */
export function openTable(_path: string, _options: OpenTableOptions = {}): Promise<TableSource> {
  throw new OddityError('UNSUPPORTED', 'openTable: not written yet');
}

/** How many rows there are, bad ones included where they are not told apart by their shape; reads text files once. */
export function countRows(_source: TableSource): Promise<number> {
  throw new OddityError('UNSUPPORTED', 'countRows: not written yet');
}

/** The first rows as text for people, null where a value is missing. */
export function readHead(_source: TableSource, _count = 5): Promise<readonly (readonly (string | null)[])[]> {
  throw new OddityError('UNSUPPORTED', 'readHead: not written yet');
}
