// What a report is asked about: data to train on, or detectors that are there; and which flags say something then.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TableSet } from '../../data/table.ts';
import type { Detector } from '../../detect/detector.ts';
import { load, manifestFile } from '../../detect/storage.ts';
import { OddityError } from '../../errors.ts';
import { type ClassFlags, flagName, refuseBothSides, type SessionFlags, sessionOf } from '../flags.ts';
import { type LearnFlags, learnFlagNames } from '../tables/flags.ts';
import { asTableDetector, isTablePath, refuseFlags } from '../tables/kind.ts';
import { modelNames } from '../training/flags.ts';

export interface ReportFlags extends Omit<ClassFlags, 'normal'>, SessionFlags, Omit<LearnFlags, 'rows'> {
  readonly out: string;
  readonly models?: readonly string[];
  readonly data?: string;
  readonly epochs?: number;
  readonly latentDim?: number;
  readonly falseAlarmRate?: number;
  readonly seed?: number;
  readonly conditional?: true;
  readonly images?: number;
  readonly rows?: number;
  readonly show?: readonly string[];
  readonly classifier: boolean;
  readonly figures: boolean;
}

const learnNames = learnFlagNames.filter((name) => name !== 'rows');
/** Flags that shape a training. */
const trainNames = [
  'models',
  'epochs',
  'latentDim',
  'falseAlarmRate',
  'seed',
  'conditional',
  'images',
  'normal',
  'anomaly',
];
const imageNames = ['anomaly', 'conditional', 'images', 'show'];

export type ReportSubject =
  | { readonly kind: 'data'; readonly path: string; readonly isTable: boolean }
  | { readonly kind: 'detectors'; readonly folders: readonly string[] };

/** One data set, or folders of detectors. Throws BAD_USAGE for both at once. */
export async function whatIs(given: readonly string[]): Promise<ReportSubject> {
  const [path = ''] = given;
  const areDetectors = await Promise.all(given.map(isDetector));
  if (areDetectors.every(Boolean)) return { kind: 'detectors', folders: given };
  if (given.length === 1) return { kind: 'data', path, isTable: await isTablePath(path) };
  const other = given[areDetectors.indexOf(false)] ?? '';
  throw new OddityError(
    'BAD_USAGE',
    areDetectors.includes(true)
      ? `expected folders that train wrote, got ${other} among them; give what they are to judge with --data`
      : `expected one data set, or folders that train wrote, got ${given.join(' ')}; give one at a time`,
  );
}

async function isDetector(path: string): Promise<boolean> {
  return (await stat(join(path, manifestFile)).catch(() => undefined))?.isFile() === true;
}

/** Throws BAD_USAGE, before any work, for flags that say nothing about data of this kind. */
export function requireData(flags: ReportFlags, isTable: boolean): void {
  refuseFlags(flags, isTable ? imageNames : learnNames, isTable ? 'tables' : 'images');
  if (!isTable && flags.data !== undefined) {
    throw new OddityError('BAD_USAGE', '--data is for trained detectors and for tables; leave it out');
  }
  refuseBothSides(flags);
  modelNames(flags.models);
}

export type OpenedDetectors =
  | { readonly kind: 'images'; readonly opened: readonly Detector[] }
  | {
      readonly kind: 'tables';
      readonly opened: readonly Detector<TableSet>[];
      readonly folders: readonly string[];
    };

/** Opens detectors, all of one kind; the caller closes them. Throws BAD_USAGE, and as loading does. */
export async function requireDetectors(
  flags: ReportFlags,
  folders: readonly string[],
): Promise<OpenedDetectors> {
  const wrong = trainNames.find((name) => (flags as unknown as Record<string, unknown>)[name] !== undefined);
  if (wrong !== undefined) {
    throw new OddityError(
      'BAD_USAGE',
      `${flagName(wrong)} is for training, and ${folders.length > 1 ? 'these are trained detectors' : 'this is a trained detector'}; leave it out`,
    );
  }
  const opened: Detector[] = [];
  try {
    for (const folder of folders) opened.push(await load(folder, sessionOf(flags)));
    const tables = opened.flatMap((detector) => asTableDetector(detector) ?? []);
    if (tables.length === 0) {
      refuseFlags(flags, learnNames, 'images');
      return { kind: 'images', opened };
    }
    refuseFlags(flags, imageNames, 'tables');
    if (tables.length === opened.length) return { kind: 'tables', opened: tables, folders };
    throw new OddityError(
      'BAD_USAGE',
      'expected detectors of one kind, got some of images and some of tables; report on them one after the other',
    );
  } catch (error) {
    for (const detector of opened) await detector.close();
    throw error;
  }
}
