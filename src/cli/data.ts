// From the words a user typed to a dataset and to class numbers in it.
import type { ImageDataset } from '../data/dataset.ts';
import { resolveClass } from '../data/select.ts';
import { openDataset } from '../data/sources.ts';
import type { Context } from './context.ts';
import type { ClassFlags } from './flags.ts';

/** Opens a dataset by name or path, with a bar where it has to be fetched. */
export async function openData(
  context: Context,
  nameOrPath: string,
  options: { readonly split?: 'standard' | 'all'; readonly fallback?: 'digits' } = {},
): Promise<ImageDataset> {
  const { dataDir, offline } = context.flags;
  const progress = context.progress();
  try {
    return await openDataset(nameOrPath, {
      ...options,
      ...(dataDir === undefined ? {} : { dataDir }),
      offline: offline === true,
      signal: context.signal,
      onNotice: context.note,
      onProgress: ({ dataset, file, bytesDone, bytesTotal }) =>
        progress.update(bytesDone / bytesTotal, `fetching ${dataset}: ${file}`),
    });
  } finally {
    progress.stop();
  }
}

export interface ClassChoice {
  readonly normal?: readonly number[];
  readonly anomaly?: readonly number[];
}

/** Class numbers from --normal and --anomaly. Throws BAD_USAGE listing the classes there are. */
export function chooseClasses(dataset: ImageDataset, { normal, anomaly }: ClassFlags): ClassChoice {
  const resolve = (names: readonly string[]): number[] => [
    ...new Set(names.map((name) => resolveClass(dataset, name))),
  ];
  return {
    ...(normal === undefined ? {} : { normal: resolve(normal) }),
    ...(anomaly === undefined ? {} : { anomaly: resolve(anomaly) }),
  };
}

/** Classes as a reader likes them: `0-2, 4-9`, or `Coat, Sandal` where they have names. */
export function describeClasses(classes: readonly number[], classNames: readonly string[]): string {
  const runs: number[][] = [];
  for (const label of [...classes].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run !== undefined && run.at(-1) === label - 1) run.push(label);
    else runs.push([label]);
  }
  const name = (label: number): string => classNames[label] ?? String(label);
  return runs
    .map((run) => {
      const numbered = run.every((label) => name(label) === String(label));
      return numbered && run.length > 2 ? `${run[0]}-${run.at(-1)}` : run.map(name).join(', ');
    })
    .join(', ');
}
