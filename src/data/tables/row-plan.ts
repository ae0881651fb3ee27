// How the features of a schema come out of DuckDB: one SQL expression and one typed array each.
// Numbers come as DOUBLE with NaN for NULL and categories as codes, so that whole vectors are copied, not values.
import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { CategoryColumn, TableColumn, TableSet } from '../table.ts';
import { categoryText } from './infer-schema.ts';
import { type ColumnSchema, requireSameColumns, type TableSchema } from './schema.ts';
import { columnId, quoteString } from './sql.ts';
import { type ColumnCheck, checksOf, type TableSource } from './table-source.ts';

export interface RowPlan {
  /** SQL of the selected columns: one for a number, two for a category (its code, its text where it is unknown). */
  readonly select: string;
  readonly checks: readonly ColumnCheck[];
  readonly columns: readonly ColumnPlan[];
  /** The label comes last, where the table has it. */
  readonly hasLabel: boolean;
}

interface ColumnPlan {
  readonly name: string;
  readonly kind: 'number' | 'category';
  readonly dictionary: readonly string[];
  /** Position of its first vector in a chunk. */
  readonly vector: number;
}

/** Plans the reading of a schema's features and label. Throws BAD_DATA for a missing column. */
export function planRows(source: TableSource, schema: TableSchema): RowPlan {
  requireSameColumns(schema, source.columns, source.name);
  const names = source.columns.map(({ name }) => name);
  const numbers = schema.columns.filter(({ kind }) => kind === 'number');
  const checks = [
    ...source.checks,
    ...checksOf(
      source,
      numbers.map(({ name }) => names.indexOf(name)),
      'DOUBLE',
    ),
  ];
  const expressions: string[] = [];
  const columns: ColumnPlan[] = [];
  const add = ({ name, kind, dictionary = [] }: ColumnSchema): void => {
    const index = names.indexOf(name);
    const vector = expressions.length;
    if (kind === 'number') {
      expressions.push(numberValue(source, index));
      columns.push({ name, kind, dictionary, vector });
    } else {
      const code = categoryCode(index, dictionary);
      expressions.push(code, `CASE WHEN ${code} = ${dictionary.length} THEN ${categoryText(index)} END`);
      columns.push({ name, kind: 'category', dictionary, vector });
    }
  };
  for (const column of schema.columns) {
    if (column.kind === 'number' || column.kind === 'category') add(column);
  }
  const label = schema.columns.find(({ name, kind }) => kind === 'label' && names.includes(name));
  if (label !== undefined) add(label);
  return { select: expressions.join(', '), checks, columns, hasLabel: label !== undefined };
}

function numberValue(source: TableSource, index: number): string {
  const id = columnId(index);
  const type = source.storedTypes[index] ?? '';
  const value = /^(DATE|TIMESTAMP)/.test(type)
    ? `epoch(${id})`
    : source.onBadRow === 'skip'
      ? `TRY_CAST(${id} AS DOUBLE)`
      : `CAST(${id} AS DOUBLE)`;
  return `coalesce(${value}, 'NaN'::DOUBLE)`;
}

/** -1 where missing, the position in the dictionary, or its length where unknown. */
function categoryCode(index: number, dictionary: readonly string[]): string {
  const value = categoryText(index);
  const known =
    dictionary.length === 0
      ? '0'
      : `coalesce(enum_code(TRY_CAST(${value} AS ENUM(${dictionary.map(quoteString).join(', ')})))::INTEGER, ${dictionary.length})`;
  return `CASE WHEN ${value} IS NULL THEN -1 ELSE ${known} END`;
}

/** Typed columns that grow as rows are copied in, in order or over earlier ones. */
export class RowBuffer {
  readonly #plan: RowPlan;
  #capacity: number;
  #columns: (Float32Array | Int32Array)[];
  readonly #dictionaries: { readonly names: string[]; readonly codes: Map<string, number> }[];
  count = 0;

  constructor(plan: RowPlan, capacity: number) {
    this.#plan = plan;
    this.#capacity = capacity;
    this.#columns = plan.columns.map(({ kind }) =>
      kind === 'number' ? new Float32Array(capacity) : new Int32Array(capacity),
    );
    this.#dictionaries = plan.columns.map(({ dictionary }) => ({
      names: [...dictionary],
      codes: new Map(),
    }));
  }

  /** Copies rows of a chunk to a place at or before the end. */
  copy(chunk: DuckDBDataChunk, row: number, count: number, at: number): void {
    this.#reserve(at + count);
    for (const [i, { kind, dictionary, vector }] of this.#plan.columns.entries()) {
      const { items } = chunk.getColumnVector(vector) as unknown as { items: Float64Array | Int32Array };
      const target = this.#columns[i];
      if (target === undefined) continue;
      if (count === 1) target[at] = items[row] ?? 0;
      else target.set(row === 0 && count === items.length ? items : items.subarray(row, row + count), at);
      if (kind === 'category') this.#nameUnknown(chunk, i, vector + 1, dictionary.length, row, count, at);
    }
    this.count = Math.max(this.count, at + count);
  }

  /** The rows so far, or those of them in `order`. */
  take(order?: readonly number[]): { rows: TableSet; label?: CategoryColumn } {
    const count = order?.length ?? this.count;
    const columns = this.#plan.columns.map(({ name, kind }, i): TableColumn => {
      const values = this.#columns[i] ?? new Float32Array(0);
      const taken = order === undefined ? values.subarray(0, count) : pick(values, order);
      return kind === 'number'
        ? { kind, name, values: taken as Float32Array }
        : { kind, name, codes: taken as Int32Array, dictionary: this.#dictionaries[i]?.names ?? [] };
    });
    if (!this.#plan.hasLabel) return { rows: { count, columns } };
    const label = columns.pop() as CategoryColumn;
    return { rows: { count, columns }, label };
  }

  #reserve(needed: number): void {
    if (needed <= this.#capacity) return;
    this.#capacity = Math.max(needed, 2 * this.#capacity);
    this.#columns = this.#columns.map((values) => {
      const larger =
        values instanceof Float32Array ? new Float32Array(this.#capacity) : new Int32Array(this.#capacity);
      larger.set(values);
      return larger;
    });
  }

  #nameUnknown(
    chunk: DuckDBDataChunk,
    column: number,
    vector: number,
    known: number,
    row: number,
    count: number,
    at: number,
  ): void {
    const codes = this.#columns[column];
    const dictionary = this.#dictionaries[column];
    if (codes === undefined || dictionary === undefined) return;
    const texts = chunk.getColumnVector(vector);
    for (let i = 0; i < count; i++) {
      if (codes[at + i] !== known) continue;
      const text = String(texts.getItem(row + i));
      let code = dictionary.codes.get(text);
      if (code === undefined) {
        code = dictionary.names.length;
        dictionary.names.push(text);
        dictionary.codes.set(text, code);
      }
      codes[at + i] = code;
    }
  }
}

function pick(values: Float32Array | Int32Array, order: readonly number[]): Float32Array | Int32Array {
  const picked =
    values instanceof Float32Array ? new Float32Array(order.length) : new Int32Array(order.length);
  for (let i = 0; i < order.length; i++) picked[i] = values[order[i] ?? 0] ?? 0;
  return picked;
}
