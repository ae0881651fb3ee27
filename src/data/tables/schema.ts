// What the columns of a table are to a detector; stored in its manifest, so that later files are held against it.
// Free of Node and DuckDB: a browser that opens a detector needs it too.
import { z } from 'zod';
import { OddityError } from '../../errors.ts';
import { nearestName } from './nearest-name.ts';

/** Only numbers and categories are learned from; the other kinds are named so that people see why not. */
export const columnKinds = [
  'number',
  'category',
  'time',
  'text',
  'identifier',
  'constant',
  'label',
  'dropped',
] as const;
export type ColumnKind = (typeof columnKinds)[number];

export const tableSchema = z.strictObject({
  columns: z.array(
    z.strictObject({
      name: z.string(),
      kind: z.enum(columnKinds),
      /** As DuckDB names it: 'DOUBLE', 'BIGINT', 'VARCHAR', 'TIMESTAMP', ... */
      type: z.string(),
      /** Why it is of this kind, for people: 'one value only', 'its name says so'. */
      why: z.string().exactOptional(),
      /** The known values of a category, most frequent first; rarer ones than these count as unknown. */
      dictionary: z.array(z.string()).exactOptional(),
    }),
  ),
  label: z
    .strictObject({
      column: z.string(),
      /** The label's values that mean normal; unless given, they are told by their names. */
      normal: z.array(z.string()).exactOptional(),
    })
    .exactOptional(),
});
/** The columns of a table in the order of the file it was learned from. */
export type TableSchema = z.infer<typeof tableSchema>;
export type ColumnSchema = TableSchema['columns'][number];

/** A column as a file has it. */
export interface SourceColumn {
  readonly name: string;
  /** As DuckDB names it. */
  readonly type: string;
}

/** The columns that a detector learns from, in schema order: those of a TableSet read by this schema. */
export function featureColumns(schema: TableSchema): readonly ColumnSchema[] {
  return schema.columns.filter(({ kind }) => kind === 'number' || kind === 'category');
}

/**
 * Checks that a later file has the features of the schema, in any order, and says which columns it has that the schema
 * has not. Other columns of the training may be missing: nothing reads them.
 * Types are not compared here: a value that cannot be read as its column asks is found when it is read, with its line.
 * @throws OddityError BAD_DATA for a missing feature, with the nearest name among those that are new.
 */
export function requireSameColumns(
  schema: TableSchema,
  found: readonly SourceColumn[],
  name: string,
): { readonly extra: readonly string[] } {
  const known = new Set(schema.columns.map((column) => column.name));
  const extra = found.map((column) => column.name).filter((each) => !known.has(each));
  requireNames(
    featureColumns(schema).map((column) => column.name),
    found,
    extra,
    name,
  );
  return { extra };
}

/** Checks that all of the names are there; `candidates` may be renamed ones. Throws BAD_DATA with the nearest of them. */
export function requireNames(
  needed: readonly string[],
  found: readonly SourceColumn[],
  candidates: readonly string[],
  name: string,
): void {
  const names = new Set(found.map((column) => column.name));
  const missing = needed.filter((each) => !names.has(each));
  const first = missing[0];
  if (first === undefined) return;
  const near = nearestName(first, candidates);
  const others = missing.length > 1 ? ` and ${missing.length - 1} more` : '';
  throw new OddityError(
    'BAD_DATA',
    `${name}: expected the columns the detector was trained on, got none named ${quoteName(first)}${others}; ${
      near === undefined
        ? 'give a file with the same columns'
        : `rename ${quoteName(near)} if that is the one`
    }`,
    { data: { missing, extra: candidates } },
  );
}

/** A name as messages show it: in quotes, on one line, not too long. */
export function quoteName(name: string): string {
  const flat = name.replace(/\s+/g, ' ');
  return `'${flat.length > 60 ? `${flat.slice(0, 57)}...` : flat}'`;
}
