// Flags of the commands that score without end, and what detectors they are given.
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { OddityError } from '../../errors.ts';
import type { ScorerOptions } from '../../serve/scoring/scorer.ts';
import { count, countUpTo, positive } from '../flags.ts';

export interface ScorerFlags {
  readonly workers?: number;
  readonly threads?: number;
  readonly maxBatch?: number;
  readonly maxDelayMs?: number;
  readonly maxQueue?: number;
}

export function addScorerFlags(command: Command): Command {
  return command
    .option('--workers <count>', 'worker threads of each detector (default: 1)', countUpTo(256))
    .option('--threads <count>', 'processor threads of each worker (default: 1)', countUpTo(256))
    .option('--max-batch <rows>', 'rows that run at once (default: 256)', countUpTo(65_536))
    .option('--max-delay-ms <ms>', 'how long a row may wait for company (default: 0)', positive)
    .option('--max-queue <rows>', 'rows that may wait for a worker (default: 16384)', count);
}

export function scorerOptionsOf({
  workers,
  threads,
  maxBatch,
  maxDelayMs,
  maxQueue,
}: ScorerFlags): ScorerOptions {
  return {
    ...(workers === undefined ? {} : { workers }),
    ...(threads === undefined ? {} : { threads }),
    ...(maxBatch === undefined ? {} : { maxBatch }),
    ...(maxDelayMs === undefined ? {} : { maxDelayMs }),
    ...(maxQueue === undefined ? {} : { maxQueue }),
  };
}

/** Folders by name, from words `folder` or `name=folder`. Throws BAD_USAGE for a name given twice. */
export function namedFolders(words: readonly string[]): Record<string, string> {
  const folders: Record<string, string> = {};
  for (const word of words) {
    const [, given, path] = /^([A-Za-z0-9][\w.-]*)=(.+)$/.exec(word) ?? [];
    const folder = path ?? word;
    const name = given ?? basename(resolve(folder));
    if (Object.hasOwn(folders, name)) {
      throw new OddityError(
        'BAD_USAGE',
        `expected detectors of different names, got '${name}' twice; name them with name=folder`,
      );
    }
    folders[name] = folder;
  }
  return folders;
}
