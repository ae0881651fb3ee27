// Results as they come in batches, kept in a DuckDB table until all are there.
// Values go in as whole vectors; flags are small numbers inside, because DuckDB packs its own.
import type { DuckDBConnection } from '@duckdb/node-api';
import { OddityError } from '../../errors.ts';

export interface ResultColumn {
  readonly name: string;
  /** `integer` is 32 bits wide. */
  readonly type: 'number' | 'integer' | 'boolean' | 'text';
}
/** One value per row: numbers for number, integer and boolean, else text with null where there is none. */
export type ResultValues = Float32Array | Float64Array | Int32Array | Uint8Array | readonly (string | null)[];

const sqlTypes = { number: 'DOUBLE', integer: 'INTEGER', boolean: 'UTINYINT', text: 'VARCHAR' } as const;
const vectorSize = 2048;

export interface ResultTable {
  append(values: readonly ResultValues[]): void;
  close(): void;
}

/** Makes a table with columns r0, r1, ... Its `append` throws BAD_DATA where columns are missing or differ in length. */
export async function createResultTable(
  connection: DuckDBConnection,
  table: string,
  columns: readonly ResultColumn[],
): Promise<ResultTable> {
  const { DuckDBDataChunk, DOUBLE, INTEGER, UTINYINT, VARCHAR } = await import('@duckdb/node-api');
  const vectorTypes = { number: DOUBLE, integer: INTEGER, boolean: UTINYINT, text: VARCHAR };
  const types = columns.map(({ type }) => vectorTypes[type]);
  const declared = columns.map(({ type }, i) => `r${i} ${sqlTypes[type]}`).join(', ');
  await connection.run(`CREATE TABLE ${table} (${declared})`);
  const appender = await connection.createAppender(table);
  let open = true;
  const append = (values: readonly ResultValues[]): void => {
    const rows = values[0]?.length ?? 0;
    if (values.length !== columns.length || values.some(({ length }) => length !== rows)) {
      throw new OddityError(
        'BAD_DATA',
        `results: expected ${columns.length} columns of one length, got lengths ${values.map(({ length }) => length).join(', ')}; give one value per row`,
      );
    }
    for (let start = 0; start < rows; start += vectorSize) {
      const end = Math.min(rows, start + vectorSize);
      const chunk = DuckDBDataChunk.create(types, end - start);
      for (const [i, column] of values.entries()) {
        if (Array.isArray(column)) {
          chunk.setColumnValues(i, column.slice(start, end));
          continue;
        }
        const vector = chunk.getColumnVector(i) as unknown as { items: Float64Array; flush(): void };
        vector.items.set((column as Float64Array).subarray(start, end));
        vector.flush();
      }
      appender.appendDataChunk(chunk);
    }
  };
  const close = (): void => {
    if (open) appender.closeSync();
    open = false;
  };
  return { append, close };
}
