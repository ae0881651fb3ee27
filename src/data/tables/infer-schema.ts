// What each column of a new table is: guessed from a sample of its rows, corrected by the user.
// Apart from schema.ts, which browsers load: this asks DuckDB.
import { OddityError } from '../../errors.ts';
import type { TableSchema } from './schema.ts';
import type { TableSource } from './source.ts';

/** What the user knows better. Every name must be a column's. */
export interface SchemaCorrections {
  readonly drop?: readonly string[];
  /** Says what is anomalous, and is never learned from. */
  readonly label?: string;
  /** The label's values that mean normal. */
  readonly normal?: readonly string[];
  readonly number?: readonly string[];
  readonly category?: readonly string[];
  readonly time?: readonly string[];
  /** Whose rows they are: customers, machines; never learned from. */
  readonly entity?: readonly string[];
}

/**
 * Guesses the schema from up to `sampleRows` rows (200,000), drawn by `seed` from the whole table.
 * @throws OddityError BAD_USAGE for an unknown column, with the nearest name; BAD_DATA where nothing is left to learn from.
 */
export function inferSchema(
  _source: TableSource,
  _corrections: SchemaCorrections = {},
  _options: { readonly sampleRows?: number; readonly seed?: number } = {},
): Promise<TableSchema> {
  throw new OddityError('UNSUPPORTED', 'inferSchema: not written yet');
}
