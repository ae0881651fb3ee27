// Tables as a detector takes them: raw numbers and texts by column, in the order of its manifest.
import { isTable, type RowSet } from '../../data/rows.ts';
import type { CategoryColumn, NumberColumn, TableColumn, TableSet } from '../../data/table.ts';
import { OddityError } from '../../errors.ts';
import { constant, input, matmul, reshape } from '../../graph/operations.ts';
import { sizeOf } from '../../models/domain.ts';
import { tableDomain } from '../../models/table-domain.ts';
import type { Whitening } from '../../models/whitening.ts';
import { compile } from '../../runtime/session.ts';
import type { Modality } from '../modality.ts';
import { type RowsInput, runRows } from '../run-rows.ts';
import { decodeFeatures } from './decoding.ts';
import { categoriesOf, type FittedEncoding, numbersOf, segmentsOf } from './encoding.ts';
import { encode } from './encoding-graph.ts';

/** The modality of tables whose columns an encoding knows, and whose numbers networks see whitened. */
export function tableModality(fitted: FittedEncoding, whitening?: Whitening): Modality {
  const { encoding } = fitted;
  const { columns } = encoding;
  const domain = tableDomain(segmentsOf(encoding), whitening);
  const size = sizeOf(domain);
  const [numbers, categories] = [numbersOf(encoding), categoriesOf(encoding)];
  const inputs = {
    ...(numbers.length > 0 ? { numbers: input('numbers', ['batch', numbers.length]) } : {}),
    ...(categories.length > 0
      ? { categories: input('categories', ['batch', categories.length], 'string') }
      : {}),
  };
  const rows = reshape(encode(fitted, inputs), ['batch', ...domain.shape]);
  const named = (of: readonly { readonly name: string }[]) => of.map(({ name }) => name).join(', ');

  const feed = (set: RowSet): Record<string, RowsInput> => {
    const table = requireTable(set);
    const found = columns.map(({ name, kind }) => requireColumn(table, name, kind));
    const ofNumbers = found.filter((column): column is NumberColumn => column.kind === 'number');
    const ofCategories = found.filter((column): column is CategoryColumn => column.kind === 'category');
    return {
      ...(numbers.length > 0
        ? { numbers: { values: interleave(ofNumbers, table.count), shape: [numbers.length] } }
        : {}),
      ...(categories.length > 0
        ? { categories: { values: textsOf(ofCategories, table.count), shape: [categories.length] } }
        : {}),
    };
  };
  return {
    domain,
    inputs,
    rows,
    isWhitened: whitening !== undefined,
    documentation: [
      ...(numbers.length > 0
        ? [`numbers: float32 [batch, ${numbers.length}], NaN where missing: ${named(numbers)}.`]
        : []),
      ...(categories.length > 0
        ? [`categories: string [batch, ${categories.length}], '' where missing: ${named(categories)}.`]
        : []),
    ].join(' '),
    feed,
    async store(set, { session, ...run }) {
      const table = requireTable(set);
      const compiled = await compile({ features: reshape(rows, ['batch', size]) }, session);
      const { features = new Float32Array() } = await runRows(
        compiled,
        table.count,
        feed(table),
        { features: [size] },
        run,
      );
      await compiled.close();
      const { count, labels } = table;
      return { count, values: features, ...(labels === undefined ? {} : { labels }) };
    },
    restore: (values) => decodeFeatures(fitted, values),
    contributionShape: [columns.length],
    gather: (contributions) => matmul(contributions, columnOfFeature(fitted, size)),
  };
}

function requireTable(rows: RowSet): TableSet {
  if (isTable(rows)) return rows;
  throw new OddityError(
    'BAD_DATA',
    `This detector knows rows of a table, got images of ${rows.shape.join(' x ')}; give a table with its columns.`,
  );
}

function requireColumn({ columns }: TableSet, name: string, kind: TableColumn['kind']): TableColumn {
  const column = columns.find((each) => each.name === name);
  if (column === undefined) {
    const got = columns.map((each) => each.name).join(', ');
    throw new OddityError(
      'BAD_DATA',
      `expected a column '${name}', got ${got}; give all columns of the training.`,
    );
  }
  if (column.kind === kind) return column;
  throw new OddityError(
    'BAD_DATA',
    `expected the column '${name}' to hold ${kind === 'number' ? 'numbers' : 'categories'}, got ${column.kind === 'number' ? 'numbers' : 'categories'}; read it as the training did.`,
  );
}

/** Columns side by side, one row after the other. */
function interleave(columns: readonly NumberColumn[], count: number): Float32Array {
  const width = columns.length;
  const rows = new Float32Array(count * width);
  for (const [i, { values }] of columns.entries()) {
    for (let row = 0, at = i; row < count; row++, at += width) rows[at] = values[row] as number;
  }
  return rows;
}

function textsOf(columns: readonly CategoryColumn[], count: number): string[] {
  const texts: string[] = new Array(count * columns.length);
  for (const [i, { codes, dictionary }] of columns.entries()) {
    for (let row = 0; row < count; row++) {
      texts[row * columns.length + i] = dictionary[codes[row] ?? -1] ?? '';
    }
  }
  return texts;
}

/** 1 where a feature belongs to a column [size, columns]. */
function columnOfFeature({ encoding }: FittedEncoding, size: number) {
  const { columns } = encoding;
  const table = new Float32Array(size * columns.length);
  let number = 0;
  let place = numbersOf(encoding).length;
  for (const [i, column] of columns.entries()) {
    const start = column.kind === 'number' ? number++ : place;
    const length = column.kind === 'number' ? 1 : column.keys.length + 1;
    if (column.kind === 'category') place += length;
    for (let feature = start; feature < start + length; feature++) table[feature * columns.length + i] = 1;
  }
  return constant(table, [size, columns.length]);
}
