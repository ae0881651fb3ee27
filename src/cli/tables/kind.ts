// Whether words mean a table or images: a path to train on, or a detector that is there.
import { open, readdir, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { datasetNames } from '../../data/sources.ts';
import type { TableSet } from '../../data/table.ts';
import type { Detector } from '../../detect/detector.ts';
import { OddityError } from '../../errors.ts';
import { flagName } from '../flags.ts';

const tableEnding = /\.(csv|tsv|txt|data|json|jsonl|ndjson|parquet|npy|npz)(\.gz)?$/i;
const isIdxName = (name: string): boolean => /idx\d-ubyte/i.test(name);

/** Whether data to train on is a table. What is not there counts as one where its name is a table's or a pattern. */
export async function isTablePath(path: string): Promise<boolean> {
  if (datasetNames.includes(path.toLowerCase())) return false;
  const there = await stat(path).catch(() => undefined);
  if (there === undefined) return /[*?[]/.test(path) || tableEnding.test(path);
  if (there.isDirectory()) {
    const names = await readdir(path).catch(() => []);
    return names.some((name) => tableEnding.test(name)) && !names.some(isIdxName);
  }
  return tableEnding.test(path) || (!isIdxName(basename(path)) && (await startsLikeText(path)));
}

/** IDX files begin with two zeros, gzip files and most others with bytes that no text begins with. */
async function startsLikeText(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return false;
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(64), 0, 64, 0);
    return bytesRead > 0 && buffer.subarray(0, bytesRead).every((byte) => byte >= 9 && byte !== 0x1f);
  } finally {
    await file.close();
  }
}

/** A loaded detector as one of tables, if it is one. */
export function asTableDetector(detector: Pick<Detector, 'manifest'>): Detector<TableSet> | undefined {
  const isTable = detector.manifest.data.encoding !== undefined;
  return isTable ? (detector as unknown as Detector<TableSet>) : undefined;
}

/** Throws BAD_USAGE where a flag is given that says nothing about data of this kind. */
export function refuseFlags(flags: object, names: readonly string[], kind: 'images' | 'tables'): void {
  const given = names.find((name) => (flags as Record<string, unknown>)[name] !== undefined);
  if (given === undefined) return;
  const other = kind === 'images' ? 'tables' : 'images';
  throw new OddityError('BAD_USAGE', `${flagName(given)} is for ${other}, got ${kind}; leave it out`);
}
