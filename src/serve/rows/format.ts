// Rows between threads: flat arrays [count, width], the same for what comes by HTTP, by stream and from a file.
// Apart from the readers because the worker threads need only this.
import type { ImageShape } from '../../data/dataset.ts';
import { isTable, type RowSet } from '../../data/rows.ts';
import type { TableColumn } from '../../data/table.ts';
import type { DataDescription } from '../../detect/manifest.ts';
import type { TableEncoding } from '../../detect/tables/encoding.ts';
import { OddityError } from '../../errors.ts';

export type FlatValues = Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** Rows side by side, `width` values each: pixels, or numbers and codes of categories in column order. */
export interface FlatRows {
  readonly count: number;
  readonly values: FlatValues;
}

/** What the rows of one detector look like when flat. */
export interface RowFormat {
  readonly kind: 'table' | 'images';
  readonly width: number;
  /** Of a table, in order; images have none. */
  readonly columns: readonly FormatColumn[];
  /** Height, width and channels of images. */
  readonly shape: ImageShape;
  allocate(count: number): FlatValues;
  /** The first `count` flat rows as a detector takes them. */
  toRows(values: FlatValues, count: number): RowSet;
  /** Rows that a reader gave, flat; they have the detector's columns or its shape. */
  flatten(rows: RowSet): FlatRows;
}

export interface FormatColumn {
  readonly kind: 'number' | 'category';
  readonly name: string;
  /** Codes of a category's known texts; a text that the training did not know has the code `keys.length`. */
  readonly codes: ReadonlyMap<string, number>;
  readonly keys: readonly string[];
}

/** Stands for every text that is no key: to a detector they are all alike. */
const unknownText = '\u0000unknown';

/** The format of the rows that a detector with this description takes. */
export function rowFormatOf({ shape, encoding }: Pick<DataDescription, 'shape' | 'encoding'>): RowFormat {
  return encoding === undefined ? imageFormat(shape) : tableFormat(encoding);
}

function imageFormat(shape: ImageShape): RowFormat {
  const width = shape[0] * shape[1] * shape[2];
  return {
    kind: 'images',
    width,
    shape,
    columns: [],
    allocate: (count) => new Uint8Array(count * width),
    toRows: (values, count) => ({ shape, count, pixels: values.subarray(0, count * width) as Uint8Array }),
    flatten: (rows) => {
      if (isTable(rows)) throw new OddityError('BAD_DATA', 'expected images, got rows of a table');
      return { count: rows.count, values: rows.pixels as Uint8Array<ArrayBuffer> };
    },
  };
}

function tableFormat(encoding: TableEncoding): RowFormat {
  const columns = encoding.columns.map((column): FormatColumn => {
    const keys = column.kind === 'category' ? column.keys : [];
    return { kind: column.kind, name: column.name, keys, codes: new Map(keys.map((key, i) => [key, i])) };
  });
  const dictionaries = columns.map(({ keys }) => [...keys, unknownText]);
  const width = columns.length;
  return {
    kind: 'table',
    width,
    shape: [1, 1, width],
    columns,
    allocate: (count) => new Float32Array(count * width),
    toRows(flat, count) {
      const take = <Kind extends Float32Array | Int32Array>(values: Kind, at: number): Kind => {
        for (let row = 0, from = at; row < count; row++, from += width) values[row] = flat[from] as number;
        return values;
      };
      return {
        count,
        columns: columns.map(
          ({ kind, name }, i): TableColumn =>
            kind === 'number'
              ? { kind, name, values: take(new Float32Array(count), i) }
              : { kind, name, codes: take(new Int32Array(count), i), dictionary: dictionaries[i] ?? [] },
        ),
      };
    },
    flatten(rows) {
      if (!isTable(rows)) throw new OddityError('BAD_DATA', 'expected rows of a table, got images');
      const values = new Float32Array(rows.count * width);
      for (const [i, { name, keys, codes }] of columns.entries()) {
        const column = rows.columns.find((each) => each.name === name);
        if (column === undefined) throw new OddityError('BAD_DATA', `expected a column '${name}', got none`);
        const known =
          column.kind === 'category' ? column.dictionary.map((text) => codes.get(text) ?? keys.length) : [];
        for (let row = 0, at = i; row < rows.count; row++, at += width) {
          values[at] =
            column.kind === 'number'
              ? (column.values[row] as number)
              : (known[column.codes[row] ?? -1] ?? -1);
        }
      }
      return { count: rows.count, values };
    },
  };
}
