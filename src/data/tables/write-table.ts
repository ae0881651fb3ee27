// Results written beside their input: every input column as it came, then the new ones, whole or not at all.
// Apart from reading: results of any length pass through a temporary table on disk.
import { OddityError } from '../../errors.ts';
import type { TableSchema } from './schema.ts';
import type { TableSource } from './source.ts';

export interface ResultColumn {
  readonly name: string;
  readonly type: 'number' | 'integer' | 'boolean' | 'text';
}
/** One value per row: numbers for number, integer and boolean, else text with null where there is none. */
export type ResultValues = Float32Array | Float64Array | Int32Array | Uint8Array | readonly (string | null)[];

export interface TableWriter {
  /** Names of the new columns as written: with 'oddity_' before one that the input has too. */
  readonly names: readonly string[];
  /** Results of the next rows, in the order and with the rows of `streamBatches`. */
  append(values: readonly ResultValues[]): void;
  /** Writes the file and puts it in place. Throws STORAGE, BAD_DATA where rows and results do not match. */
  finish(): Promise<void>;
  /** Leaves nothing behind. */
  abort(): Promise<void>;
}

/**
 * Opens a writer of .parquet, .csv, .tsv or .jsonl, the text formats also .gz.
 * @throws OddityError BAD_USAGE for another ending, STORAGE where it cannot be written.
 */
export function createTableWriter(
  _source: TableSource,
  _schema: TableSchema,
  _path: string,
  _columns: readonly ResultColumn[],
): Promise<TableWriter> {
  throw new OddityError('UNSUPPORTED', 'createTableWriter: not written yet');
}
