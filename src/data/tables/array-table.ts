// Arrays of NumPy as a DuckDB table: columns x0, x1, ..., and label y where there is one.
// They are read whole: npz files are small, and a zip cannot be read by rows.
import { readFile } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { OddityError } from '../../errors.ts';
import { type Database, describeFailure } from './database.ts';
import { type NpyArray, parseNpy } from './npy.ts';
import { parseNpz } from './npz.ts';
import type { TablePart } from './table-part.ts';

interface Arrays {
  readonly features: NpyArray;
  readonly labels?: NpyArray;
}

/** Copies the arrays of a file into a table named so. Throws BAD_DATA where they do not belong together. */
export async function loadArrays(
  path: string,
  content: 'npy' | 'npz',
  database: Database,
  table: string,
): Promise<{ readonly part: TablePart; readonly types: readonly string[] }> {
  const bytes = await readFile(path);
  const { features, labels } =
    content === 'npy' ? { features: parseNpy(bytes, path) } : chooseArrays(parseNpz(bytes, path), path);
  if (features.shape.length > 2) {
    throw new OddityError(
      'BAD_DATA',
      `${path}: expected rows of an array of one or two dimensions, got shape (${features.shape.join(', ')}); reshape it`,
    );
  }
  const [rows = 0, width = 1] = features.shape;
  const fields = [
    ...Array.from({ length: width }, (_, i) => `x${i}`),
    ...(labels === undefined ? [] : ['y']),
  ];
  const whole = labels?.values.every((value) => Number.isInteger(value));
  const types = fields.map((name) => (name === 'y' && whole ? 'INTEGER' : 'DOUBLE'));
  const connection = await database.connect();
  try {
    const columns = types.map((type, i) => `f${i} ${type}`).join(', ');
    await connection.run(`CREATE TABLE ${table} (${columns})`);
    await append(connection, table, types, rows, (column, row) =>
      column < width ? (features.values[row * width + column] ?? 0) : (labels?.values[row] ?? 0),
    );
  } catch (error) {
    throw describeFailure(error, path);
  } finally {
    connection.closeSync();
  }
  return { part: { kind: 'array', file: path, table, fields }, types };
}

/** X and y as ADBench names them, or the only table and the only list as long as it has rows. */
function chooseArrays(arrays: ReadonlyMap<string, NpyArray>, path: string): Arrays {
  const all = [...arrays];
  const tables = all.filter(([name, array]) => name === 'X' || array.shape.length === 2);
  const features = arrays.get('X') ?? (tables.length === 1 ? tables[0]?.[1] : undefined);
  if (features === undefined) {
    const found = all.map(([name, { shape }]) => `${name} (${shape.join('x')})`).join(', ') || 'no arrays';
    throw new OddityError(
      'BAD_DATA',
      `${path}: expected an array X of rows and columns, and y of labels, got ${found}; save with numpy.savez(path, X=X, y=y)`,
    );
  }
  const rows = features.shape[0] ?? 0;
  const isList = ({ shape }: NpyArray): boolean => shape[0] === rows && (shape[1] ?? 1) === 1;
  const lists = all.filter(([, array]) => array !== features && isList(array));
  const given = arrays.get('y');
  if (given !== undefined && !isList(given)) {
    throw new OddityError(
      'BAD_DATA',
      `${path}: expected one label in y for each of ${rows} rows of X, got shape (${given.shape.join(', ')}); save arrays that belong together`,
    );
  }
  const labels = given ?? (lists.length === 1 ? lists[0]?.[1] : undefined);
  return labels === undefined ? { features } : { features, labels };
}

/** Appends rows in chunks of DuckDB's vector size, through its own arrays. */
async function append(
  connection: DuckDBConnection,
  table: string,
  types: readonly string[],
  rows: number,
  valueAt: (column: number, row: number) => number,
): Promise<void> {
  const { DuckDBDataChunk, DOUBLE, INTEGER } = await import('@duckdb/node-api');
  const appender = await connection.createAppender(table);
  const vectorTypes = types.map((type) => (type === 'INTEGER' ? INTEGER : DOUBLE));
  for (let start = 0; start < rows; start += 2048) {
    const count = Math.min(2048, rows - start);
    const chunk = DuckDBDataChunk.create(vectorTypes, count);
    for (let column = 0; column < types.length; column++) {
      const vector = chunk.getColumnVector(column) as unknown as { items: Float64Array; flush(): void };
      for (let i = 0; i < count; i++) vector.items[i] = valueAt(column, start + i);
      vector.flush();
    }
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}
