// Results as they come in batches, kept until all are there in a DuckDB file of their own: compressed, and out of memory.
// Values go in as whole vectors; flags are small numbers inside, because DuckDB packs its own.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { OddityError } from '../../errors.ts';
import type { Database } from './database.ts';
import { quoteString } from './sql.ts';

export interface ResultColumn {
  readonly name: string;
  /** `number` is a 32-bit float, `integer` is 32 bits wide. */
  readonly type: 'number' | 'integer' | 'boolean' | 'text';
}
/** One value per row: numbers for number, integer and boolean, else text with null where there is none. */
export type ResultValues = Float32Array | Float64Array | Int32Array | Uint8Array | readonly (string | null)[];

const sqlTypes = { number: 'FLOAT', integer: 'INTEGER', boolean: 'UTINYINT', text: 'VARCHAR' } as const;
const vectorSize = 2048;

export interface ResultTable {
  /** As SQL names it; its columns are r0, r1, ... */
  readonly name: string;
  /** Throws BAD_DATA where columns are missing or differ in length. */
  append(values: readonly ResultValues[]): void;
  /** No more rows will come: they can be selected. */
  close(): void;
  /** Leaves nothing behind. */
  drop(): Promise<void>;
}

/** Makes an empty table in the folder of the database; `connection` is one of its own. */
export async function createResultTable(
  database: Database,
  connection: DuckDBConnection,
  columns: readonly ResultColumn[],
): Promise<ResultTable> {
  const { DuckDBDataChunk, FLOAT, INTEGER, UTINYINT, VARCHAR } = await import('@duckdb/node-api');
  const vectorTypes = { number: FLOAT, integer: INTEGER, boolean: UTINYINT, text: VARCHAR };
  const types = columns.map(({ type }) => vectorTypes[type]);
  const declared = columns.map(({ type }, i) => `r${i} ${sqlTypes[type]}`).join(', ');
  const catalog = `results_${database.nextId()}`;
  const path = join(database.folder, `${catalog}.duckdb`);
  await connection.run(`ATTACH ${quoteString(path)} AS ${catalog}`);
  await connection.run(`CREATE TABLE ${catalog}.results (${declared})`);
  const appender = await connection.createAppender('results', 'main', catalog);
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
  const drop = async (): Promise<void> => {
    close();
    await connection.run(`DETACH DATABASE IF EXISTS ${catalog}`).catch(() => undefined);
    await rm(path, { force: true }).catch(() => undefined);
  };
  return { name: `${catalog}.results`, append, close, drop };
}
