// A labelled table scored to its last row: what is kept of each is its scores, its truth and its amount.

import type { NumberColumn, TableSet } from '../../data/table.ts';
import { requireColumn } from '../../data/tables/infer-schema.ts';
import { judgeLabels } from '../../data/tables/labels.ts';
import type { TableReading } from '../../data/tables/reading.ts';
import { quoteName } from '../../data/tables/schema.ts';
import type { Detector, Scores } from '../../detect/detector.ts';
import { OddityError } from '../../errors.ts';
import type { Context } from '../context.ts';
import { scoreBatches } from './score.ts';
import { listed, type OpenedTable } from './source.ts';

export interface JudgeFlags {
  readonly label?: string;
  readonly normal?: readonly string[];
  readonly amount?: string;
}

export interface JudgedTable {
  readonly scores: Scores;
  readonly isAnomaly: Uint8Array;
  /** Of the column asked for. */
  readonly amounts?: Float32Array;
  readonly label: {
    readonly column: string;
    readonly normal: readonly string[];
    readonly anomalous: readonly string[];
  };
  /** Rows without a label, which are not judged. */
  readonly unlabelled: number;
}

/** Scores the rows that have a label. Throws BAD_USAGE, BAD_DATA where the label is missing or says one thing only. */
export async function judgeTable(
  context: Context,
  detector: Detector<TableSet>,
  opened: OpenedTable,
  flags: JudgeFlags,
): Promise<JudgedTable> {
  const { source } = opened;
  const reading = readingToJudge(opened, flags);
  const column = reading.schema.label?.column ?? '';
  const parts: { score: Float32Array[]; pValue: Float32Array[] } = { score: [], pValue: [] };
  const terms: Record<string, Float32Array[]> = {};
  const amounts: Float32Array[] = [];
  const labels = createLabels();
  for await (const batch of scoreBatches(context, detector, { source, reading }, true)) {
    if (batch.label === undefined) throw missingLabel(source.name, column);
    labels.add(batch.label.codes, batch.label.dictionary);
    parts.score.push(batch.scores.score);
    parts.pValue.push(batch.scores.pValue);
    for (const [name, values] of Object.entries(batch.scores.terms)) {
      const gathered = terms[name] ?? [];
      terms[name] = gathered;
      gathered.push(values);
    }
    if (flags.amount !== undefined) amounts.push(amountsOf(batch.set, flags.amount));
  }
  const normal = normalAmong(labels.names, flags.normal ?? reading.schema.label?.normal, column);
  const isNormal = labels.names.map((name) => normal.includes(name));
  const codes = joined(labels.codes, Int32Array);
  const kept = Uint32Array.from(codes.keys()).filter((row) => (codes[row] ?? -1) >= 0);
  const pick = (values: Float32Array): Float32Array =>
    kept.length === values.length ? values : Float32Array.from(kept, (row) => values[row] ?? 0);
  const isAnomaly = Uint8Array.from(kept, (row) => Number(isNormal[codes[row] ?? 0] !== true));
  requireBoth(isAnomaly, source.name, column, normal);
  return {
    isAnomaly,
    scores: {
      score: pick(joined(parts.score, Float32Array)),
      pValue: pick(joined(parts.pValue, Float32Array)),
      terms: Object.fromEntries(
        Object.entries(terms).map(([name, values]) => [name, pick(joined(values, Float32Array))]),
      ),
    },
    ...(flags.amount === undefined ? {} : { amounts: pick(joined(amounts, Float32Array)) }),
    label: { column, normal, anomalous: labels.names.filter((_, code) => isNormal[code] !== true) },
    unlabelled: codes.length - kept.length,
  };
}

/** The reading with the label asked for, and the amount among its numbers. */
function readingToJudge({ source, reading }: OpenedTable, { label, amount }: JudgeFlags): TableReading {
  const names = source.columns.map(({ name }) => name);
  if (label !== undefined) requireColumn(names, label, '--label', source.name);
  if (amount !== undefined) requireColumn(names, amount, '--amount', source.name);
  const { schema } = reading;
  const column = label ?? schema.label?.column;
  if (column === undefined) {
    throw new OddityError(
      'BAD_USAGE',
      'evaluation needs to know which rows are anomalies, and the detector was trained without a label; name its column with --label',
    );
  }
  const isFeature = schema.columns.some(
    ({ name, kind }) => name === column && (kind === 'number' || kind === 'category'),
  );
  if (isFeature) {
    throw new OddityError(
      'BAD_USAGE',
      `--label: the detector learnt from ${quoteName(column)}, so it cannot be what it is judged by; train again with --label ${column}`,
    );
  }
  if (!names.includes(column)) throw missingLabel(source.name, column);
  const others = schema.columns
    .filter(({ name }) => name !== column)
    .map((each) => {
      if (each.kind === 'label') return { ...each, kind: 'dropped' as const };
      return each.name === amount && each.kind !== 'number' ? { ...each, kind: 'number' as const } : each;
    });
  const known = others.some(({ name }) => name === amount);
  return {
    ...reading,
    schema: {
      columns: [
        ...others,
        ...(amount === undefined || known ? [] : [{ name: amount, kind: 'number' as const, type: 'DOUBLE' }]),
        { name: column, kind: 'label', type: 'VARCHAR' },
      ],
      label: {
        column,
        ...(schema.label?.normal === undefined || (label !== undefined && label !== schema.label.column)
          ? {}
          : { normal: schema.label.normal }),
      },
    },
  };
}

function missingLabel(name: string, column: string): OddityError {
  return new OddityError(
    'BAD_DATA',
    `${name}: expected the label ${quoteName(column)}, got no such column; give a labelled table, or name its label with --label`,
  );
}

function amountsOf({ columns }: TableSet, name: string): Float32Array {
  const column = columns.find((each): each is NumberColumn => each.name === name && each.kind === 'number');
  return column?.values ?? new Float32Array();
}

/** Labels of batches, each with a dictionary of its own, as codes in one. */
function createLabels() {
  const names: string[] = [];
  const known = new Map<string, number>();
  const codes: Int32Array[] = [];
  const codeOf = (name: string): number => {
    const code = known.get(name) ?? names.length;
    if (code === names.length) {
      names.push(name);
      known.set(name, code);
    }
    return code;
  };
  return {
    names,
    codes,
    add(batch: Int32Array, dictionary: readonly string[]): void {
      const renamed = dictionary.map(codeOf);
      codes.push(batch.map((code) => (code < 0 ? -1 : (renamed[code] ?? -1))));
    },
  };
}

/** Those of the values met that mean normal: by the names given, equal as numbers too. Throws BAD_USAGE. */
function normalAmong(
  met: readonly string[],
  wanted: readonly string[] | undefined,
  column: string,
): string[] {
  const label = {
    kind: 'category' as const,
    name: column,
    codes: Int32Array.from(met.keys()),
    dictionary: met,
  };
  if (wanted === undefined) return [...judgeLabels(label).normal];
  const numbers = wanted.map(Number).filter(Number.isFinite);
  return met.filter(
    (value) => wanted.includes(value) || (value.trim() !== '' && numbers.includes(Number(value))),
  );
}

function requireBoth(isAnomaly: Uint8Array, name: string, column: string, normal: readonly string[]): void {
  const anomalies = isAnomaly.reduce((sum, value) => sum + value, 0);
  const normals = isAnomaly.length - anomalies;
  if (anomalies > 0 && normals > 0) return;
  const said = normal.length === 0 ? 'no value of it being normal' : `normal being ${listed(normal)}`;
  throw new OddityError(
    'BAD_DATA',
    `${name}: evaluation needs normal and anomalous rows, got ${normals} and ${anomalies} by the label ${quoteName(column)}, ${said}; say which values are normal with --normal`,
    { data: { normal: normals, anomalous: anomalies } },
  );
}

function joined<Values extends Float32Array | Int32Array>(
  parts: readonly Values[],
  kind: new (length: number) => Values,
): Values {
  const whole = new kind(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
