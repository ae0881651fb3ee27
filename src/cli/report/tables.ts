// Reports on detectors of tables: trained on the spot, or there already; from rows to a page on disk.
import { basename } from 'node:path';
import { type CategoryColumn, selectTableRows, type TableSet } from '../../data/table.ts';
import { judgeLabels } from '../../data/tables/labels.ts';
import { readRows } from '../../data/tables/read-rows.ts';
import type { TableReading } from '../../data/tables/reading.ts';
import type { Detector } from '../../detect/detector.ts';
import { settingsFor } from '../../detect/settings.ts';
import { OddityError } from '../../errors.ts';
import { rowsInOrder } from '../../evaluate/exhibition/evenly.ts';
import { tableAnswers } from '../../evaluate/exhibition/table-conclusions.ts';
import { exhibitTable } from '../../evaluate/exhibition/table-exhibit.ts';
import { models } from '../../models/index.ts';
import { createRandom, permutation } from '../../nn/random.ts';
import type { Context } from '../context.ts';
import { sessionOf } from '../flags.ts';
import type { ReadFlags } from '../tables/flags.ts';
import {
  choicesFor,
  knownRows,
  type LearnableTable,
  learnFlagsOf,
  normalRows,
  readToLearn,
} from '../tables/learn.ts';
import { openToJudge, readingOf } from '../tables/source.ts';
import { modelNames } from '../training/flags.ts';
import type { OpenedDetectors, ReportFlags } from './flags.ts';
import { type ReportResult, reportResult } from './result.ts';
import { choicesOf, trainWatched } from './train.ts';
import { writeReport } from './write.ts';

const mostRows = 50_000;
/** Share of the normal rows that are held out to be judged, where no other table is given. */
const heldOut = 0.3;

/** Rows to judge, and what is known of them. */
interface RowsToJudge {
  readonly name: string;
  /** Where they come from, in a sentence. */
  readonly judged: string;
  readonly rows: TableSet;
  readonly rowNumbers: ArrayLike<number>;
  readonly isAnomaly?: Uint8Array | undefined;
  readonly classNames?: readonly string[] | undefined;
}

const number = (value: number): string => value.toLocaleString('en-US');

/** Trains each model on the same normal rows, then reports on how they judge rows that they have not seen. */
export async function reportOnTable(
  context: Context,
  path: string,
  flags: ReportFlags,
): Promise<ReportResult> {
  // `--rows` says how many are judged; all are learnt from, up to the reader's own limit.
  const { rows: _, ...others } = flags;
  const learn = learnFlagsOf(others);
  const plans = modelNames(flags.models).map((model) => choicesOf(model, flags));
  const table = await readToLearn(context, path, learn, flags.threads);
  const split = flags.data === undefined ? splitTable(table, isOrdered(flags)) : undefined;
  const training = split?.training ?? normalRows(table);
  const normal = selectTableRows(table.rows, training);
  for (const choices of plans) settingsFor(choices, normal.count);
  const detectors: Detector<TableSet>[] = [];
  try {
    for (const choices of plans) {
      context.note(
        `${models[choices.model].label}: learning ${basename(path)} from ${number(normal.count)} rows${table.judged === undefined ? ', all taken as normal: no label column was named with --label' : ''}`,
      );
      const options = {
        ...choicesFor(choices, learn, table, normal.count),
        name: basename(path),
        source: table.reading,
        session: sessionOf(flags),
      };
      detectors.push((await trainWatched(context, normal, options)).detector);
    }
    const first = detectors[0] as Detector<TableSet>;
    const judged =
      split === undefined
        ? await readToJudge(context, first, path, flags.data ?? '', flags)
        : heldOutRows(table, split, path, flags);
    return await judgeAndWrite(context, detectors, table.reading, judged, flags);
  } finally {
    for (const detector of detectors) await detector.close();
  }
}

/** Reports on detectors that are there; all must know the same columns. Throws BAD_DATA. */
export async function reportOnTableDetectors(
  context: Context,
  { opened, folders }: Extract<OpenedDetectors, { kind: 'tables' }>,
  path: string,
  flags: ReportFlags,
): Promise<ReportResult> {
  const [first] = opened as readonly [Detector<TableSet>];
  const namesOf = (detector: Detector<TableSet>): string[] =>
    detector.manifest.data.encoding?.columns.map(({ name }) => name) ?? [];
  const other = opened.findIndex((detector) => namesOf(detector).join('\n') !== namesOf(first).join('\n'));
  if (other > 0) {
    throw new OddityError(
      'BAD_DATA',
      `expected detectors of the same columns, got others in ${folders[other]} than in ${folders[0]}; report on each alone`,
    );
  }
  const [folder = ''] = folders;
  const judged = await readToJudge(context, first, folder, path, flags);
  return judgeAndWrite(context, opened, readingOf(first, folder), judged, flags);
}

interface TableSplit {
  readonly training: Uint32Array;
  readonly test: Uint32Array;
}

/** Whether rows belong together in their order: neighbours in time, or windows that overlap. */
const isOrdered = ({ time, window }: ReportFlags): boolean => time !== undefined || window !== undefined;

/** Rows in order: the last are judged. Else: normal rows drawn at random, and all anomalies. */
function splitTable(table: LearnableTable, inOrder: boolean): TableSplit {
  const normal = normalRows(table);
  const kept = Math.round((1 - heldOut) * normal.length);
  const { judged, rows } = table;
  const known = knownRows(table);
  if (inOrder) {
    const from = normal[kept] ?? rows.count;
    return { training: normal.subarray(0, kept), test: known.filter((row) => row >= from) };
  }
  const order = permutation(normal.length, createRandom('report/held-out'));
  const rowOf = (i: number): number => normal[i] ?? 0;
  const anomalous = known.filter((row) => judged?.isAnomaly[row] === 1);
  const test = [...Array.from(order.subarray(kept), rowOf), ...anomalous];
  return {
    training: Uint32Array.from(order.subarray(0, kept), rowOf).sort(),
    test: Uint32Array.from(test).sort(),
  };
}

function heldOutRows(
  table: LearnableTable,
  { test }: TableSplit,
  path: string,
  flags: ReportFlags,
): RowsToJudge {
  const { rows: most = mostRows, time } = flags;
  const chosen = Uint32Array.from(rowsInOrder(test.length, most, 'report/rows'), (i) => test[i] ?? 0);
  const which = isOrdered(flags)
    ? `its last rows${time === undefined ? '' : ` by ${time}`}`
    : `${heldOut * 100}% of its normal rows, drawn at random${table.judged === undefined ? '' : ', and all its anomalies'}`;
  const shown = chosen.length < test.length ? `; ${number(most)} of these, drawn at random, are shown` : '';
  return {
    name: basename(path),
    judged: `They are held out of the same table: ${which}${shown}.`,
    ...chosenRows(table, chosen),
  };
}

/** The chosen rows, their numbers, and what labels say of them. */
function chosenRows(
  { rows, label, judged, rowNumbers }: Omit<LearnableTable, 'reading' | 'total'>,
  chosen: Uint32Array,
): Omit<RowsToJudge, 'name' | 'judged'> {
  return {
    rows: withClasses(chosen.length < rows.count ? selectTableRows(rows, chosen) : rows, label, chosen),
    rowNumbers: Float64Array.from(chosen, (row) => rowNumbers[row] ?? row),
    isAnomaly: judged && Uint8Array.from(chosen, (row) => judged.isAnomaly[row] ?? 0),
    classNames: label?.dictionary,
  };
}

/** Reads another table; where labels say which rows are anomalies, those without one are left out. */
async function readToJudge(
  context: Context,
  detector: Detector<TableSet>,
  folder: string,
  path: string,
  {
    rows: most = mostRows,
    threads,
    ...flags
  }: ReadFlags & { readonly rows?: number; readonly threads?: number },
): Promise<RowsToJudge> {
  const progress = context.progress();
  progress.update(0, `reading ${path}`);
  const { header, columns, onBadRow, rejects, history } = flags;
  const read = Object.fromEntries(
    Object.entries({ header, columns, onBadRow, rejects, history, threads }).filter(
      ([, value]) => value !== undefined,
    ),
  );
  const { source, reading } = await openToJudge(context, detector, folder, path, read);
  try {
    const found = await readRows(source, reading.schema, { sampleRows: most, signal: context.signal });
    const { rows, label, total } = found;
    if (total > rows.count) {
      context.note(`judging ${number(rows.count)} of ${number(total)} rows, drawn at random`);
    }
    const { normal } = reading.schema.label ?? {};
    const judged =
      label === undefined ? undefined : judgeLabels(label, normal === undefined ? {} : { normal });
    const known = knownRows({ rows, ...(judged === undefined ? {} : { judged }) });
    if (known.length < rows.count) {
      context.note(`${number(rows.count - known.length)} rows without a label are not judged`);
    }
    const name = basename(path);
    return {
      name,
      judged:
        name === detector.manifest.data.name
          ? 'They come from the very table that was trained on, so many of them were seen: measure on other rows.'
          : `They come from ${name}.`,
      ...chosenRows({ ...found, ...(judged === undefined ? {} : { judged }) }, known),
    };
  } finally {
    progress.stop();
    await source.close();
  }
}

/** With the label's values as classes, where they tell more than normal from anomalous. */
function withClasses(rows: TableSet, label: CategoryColumn | undefined, chosen: Uint32Array): TableSet {
  if (label === undefined || label.dictionary.length < 3 || label.dictionary.length > 64) return rows;
  return { ...rows, labels: Uint8Array.from(chosen, (row) => label.codes[row] ?? 0) };
}

async function judgeAndWrite(
  context: Context,
  detectors: readonly Detector<TableSet>[],
  { schema }: TableReading,
  judged: RowsToJudge,
  { out, figures }: ReportFlags,
): Promise<ReportResult> {
  const progress = context.progress();
  try {
    const exhibition = await exhibitTable({
      ...judged,
      detectors,
      left: schema.columns
        .filter(({ kind }) => kind !== 'number' && kind !== 'category')
        .map(({ name, kind, why }) => ({ name, why: why === undefined ? kind : `${kind}: ${why}` })),
      signal: context.signal,
      onProgress: (doing, share) => progress.update(share, doing),
    });
    progress.update(0.9, 'drawing the report');
    const { composeTableReport } = await import('../../report/sections/table-report.ts');
    const composed = await composeTableReport(exhibition);
    progress.stop();
    const page = await writeReport(context, out, 'report.html', composed, figures);
    return reportResult(page, tableAnswers(exhibition), exhibition.models);
  } finally {
    progress.stop();
  }
}
