// A domain bench on the command line: progress while it runs, then a table of our detector, its scores alone, the
// classical baselines and published numbers, and whether the promise of false alarms was kept.
import { findDataFile } from '../../data/sources.ts';
import { OddityError } from '../../errors.ts';
import { spreadOf } from '../../evaluate/comparison/spread.ts';
import type { DomainPart } from '../../evaluate/domains/domain.ts';
import { type DomainName, domainBenches } from '../../evaluate/domains/index.ts';
import { checkPromise, type PromiseResult } from '../../evaluate/domains/promise.ts';
import {
  type DomainResult,
  type MethodResult,
  type PartResult,
  runDomain,
} from '../../evaluate/domains/run.ts';
import { formatDuration, formatShare } from '../../report/format.ts';
import type { Context } from '../context.ts';
import { type SessionFlags, sessionOf } from '../flags.ts';
import { alignRows } from '../text-table.ts';
import { choicesOf, type TrainingFlags } from '../training/flags.ts';

export interface DomainFlags extends TrainingFlags, SessionFlags {
  readonly seeds: number;
  readonly classes?: readonly string[];
  readonly promise?: true;
}

/** What the command prints: measures, or the promise held against fresh rows. */
export type DomainOutcome =
  | DomainResult
  | { readonly title: string; readonly promises: readonly PromiseResult[] };

/** Runs a bench with progress on stderr; `--classes` names the parts that are wanted. */
export async function runDomainBench(
  context: Context,
  name: DomainName,
  flags: DomainFlags,
): Promise<DomainOutcome> {
  const choices = choicesOf(flags);
  const bench = domainBenches[name];
  const { dataDir } = context.flags;
  const find = (folder: string, file: string): string =>
    findDataFile(folder, file, dataDir === undefined ? {} : { dataDir });
  const progress = context.progress();
  const run = { choices, session: sessionOf(flags), signal: context.signal };
  try {
    progress.update(0, `reading ${bench.title}`);
    const parts = chooseParts(await bench.open({ find }), flags.classes);
    if (flags.promise) {
      const promises: PromiseResult[] = [];
      for (const [i, part] of parts.entries()) {
        progress.update(i / parts.length, `${part.name}: training, then fresh rows`);
        promises.push(await checkPromise(part, flags.falseAlarmRate ?? 0.01, run));
      }
      return { title: bench.title, promises };
    }
    const running = runDomain(bench.title, parts, { ...run, seeds: flags.seeds });
    for (;;) {
      const next = await running.next();
      if (next.done) return next.value;
      const { part, seed, doing, progress: share } = next.value;
      progress.update(share, `${part}, seed ${seed}: ${doing}`);
    }
  } finally {
    progress.stop();
  }
}

function chooseParts(
  parts: readonly DomainPart[],
  wanted: readonly string[] | undefined,
): readonly DomainPart[] {
  if (wanted === undefined) return parts;
  const names = parts.map(({ name }) => name);
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new OddityError(
      'BAD_USAGE',
      `expected parts of this bench (${names.join(', ')}), got '${unknown}'; check the spelling`,
    );
  }
  return parts.filter(({ name }) => wanted.includes(name));
}

export function describeDomain(outcome: DomainOutcome): string {
  if ('promises' in outcome) return describePromises(outcome.title, outcome.promises);
  const { title, seeds, parts, seconds } = outcome;
  const spread = seeds > 1 ? `mean ± standard deviation of ${seeds} seeds` : 'one seed';
  const sections = parts.length > 3 ? [overview(parts)] : parts.map((part) => describePart(part));
  return [`${title}: ${spread}, ${formatDuration(seconds)}`, ...sections].join('\n\n');
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function cell({ runs }: MethodResult, measure: string, digits: number): string {
  const spread = spreadOf(runs.map((run) => run[measure] ?? Number.NaN));
  const mean = (spread?.mean ?? Number.NaN).toFixed(digits);
  return runs.length < 2 ? mean : `${mean} ±${spread?.deviation.toFixed(digits)}`;
}

function describePart({ name, protocol, measures, methods, published }: PartResult): string {
  const rowOf = (method: MethodResult): string[] => [
    method.kind === 'score' ? `  ${method.method}` : method.method,
    ...measures.map(({ name: measure, digits }) => cell(method, measure, digits)),
    method.kind === 'score' ? '' : formatDuration(method.seconds / method.runs.length),
  ];
  const of = (kind: MethodResult['kind']): string[][] =>
    methods.filter((method) => method.kind === kind).map(rowOf);
  const heading = (text: string): string[] => [text, ...measures.map(() => ''), ''];
  return [
    `${name}: ${protocol}`,
    '',
    alignRows([
      ['', ...measures.map(({ name: measure }) => measure), 'time a seed'],
      ...of('detector'),
      heading('classical baselines, and how their columns are scaled'),
      ...of('baseline'),
      ...(published.length === 0 ? [] : [heading('published')]),
      ...published.map(({ method, measures: theirs }) => [
        method,
        ...measures.map(({ name: measure, digits }) => theirs[measure]?.toFixed(digits) ?? '-'),
        '',
      ]),
      heading("each of Oddity's scores alone"),
      ...of('score'),
    ]),
  ].join('\n');
}

/** Many sets: the first measure of our detector, the best published methods and the baselines, and their means. */
function overview(parts: readonly PartResult[]): string {
  const measure = parts[0]?.measures[0]?.name ?? '';
  const percent = (value: number | undefined): string =>
    value === undefined ? '-' : (100 * value).toFixed(1);
  const ofMethod = (name: string): (number | undefined)[] =>
    parts.map(({ methods }) => {
      const runs = methods.find(({ method }) => method === name)?.runs;
      return runs === undefined ? undefined : meanOf(runs.map((run) => run[measure] ?? Number.NaN));
    });
  const publishedNames = [
    ...new Set(parts.flatMap(({ published }) => published.map(({ method }) => method))),
  ];
  const ofPublished = (name: string): (number | undefined)[] =>
    parts.map(({ published }) => published.find(({ method }) => method === name)?.measures[measure]);
  const meanKnown = (values: readonly (number | undefined)[]): number =>
    meanOf(values.filter((value): value is number => value !== undefined));
  const row = (name: string, values: readonly (number | undefined)[]): string[] => [
    name,
    ...values.map(percent),
    (100 * meanKnown(values)).toFixed(2),
  ];
  const ordered = publishedNames
    .map((name) => ({ name, values: ofPublished(name) }))
    .sort((a, b) => meanKnown(b.values) - meanKnown(a.values));
  const methods = parts[0]?.methods ?? [];
  const rowsOf = (kind: MethodResult['kind'], indent = ''): string[][] =>
    methods
      .filter((method) => method.kind === kind)
      .map(({ method }) => row(`${indent}${method}`, ofMethod(method)));
  const heading = (text: string): string[] => [text, ...parts.map(() => ''), ''];
  return [
    `${measure} in percent. ${parts[0]?.protocol ?? ''}`,
    '',
    alignRows([
      ['', ...parts.map(({ name }) => name), 'mean'],
      ...rowsOf('detector'),
      heading('published, best first'),
      ...ordered.map(({ name, values }) => row(name, values)),
      heading('classical baselines here, and how their columns are scaled'),
      ...rowsOf('baseline'),
      heading("each of Oddity's scores alone"),
      ...rowsOf('score', '  '),
    ]),
  ].join('\n');
}

function describePromises(title: string, promises: readonly PromiseResult[]): string {
  const kept = ({ alarms, least, most }: PromiseResult): boolean => alarms >= least && alarms <= most;
  return [
    `${title}: alarms among normal rows that neither training nor calibration saw`,
    '',
    alignRows([
      ['', 'asked', 'measured', 'alarms', 'of fresh rows', '99 % of runs lie in', ''],
      ...promises.map((each) => [
        each.part,
        formatShare(each.asked),
        formatShare(each.alarms / each.fresh),
        String(each.alarms),
        String(each.fresh),
        `${each.least} to ${each.most}`,
        kept(each) ? 'kept' : 'BROKEN',
      ]),
    ]),
  ].join('\n');
}
