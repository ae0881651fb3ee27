// Datasets by name or path: where the files may lie, in which order, and what to do when they lie nowhere.
// Node only; the one place in this room that looks at the environment, and only as a default.

import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { OddityError } from '../errors.ts';
import {
  type CatalogueEntry,
  type CatalogueFile,
  type CatalogueName,
  catalogue,
  type FileRole,
  fileRoles,
} from './catalogue.ts';
import type { ImageDataset } from './dataset.ts';
import { createDigits } from './digits.ts';
import { download, sha256OfFile } from './download.ts';
import { findFile, type ReadOptions, readDataset, readDatasetFiles } from './read-images.ts';
import { allRowsAsTest } from './select.ts';

/** The names that `openDataset` knows. */
export const datasetNames: readonly string[] = [...Object.keys(catalogue), 'digits'];

/** How far a download is; bytes count over all files of the dataset that were missing. */
export interface DownloadProgress {
  readonly dataset: string;
  readonly file: string;
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

export interface OpenOptions extends Pick<ReadOptions, 'split' | 'seed'> {
  /** Folder that holds `mnist/`, `fashion-mnist/`, or the four files themselves; looked in first. */
  readonly dataDir?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Never touch the network. */
  readonly offline?: boolean;
  /** With 'digits', a named dataset that cannot be found or fetched is replaced by the built-in one, after a notice. */
  readonly fallback?: 'digits';
  readonly onNotice?: (notice: string) => void;
  /** ODDITY_DATA, XDG_CACHE_HOME and LOCALAPPDATA are read from here; `process.env` unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Relative folders start here; the working directory unless given. */
  readonly workingDirectory?: string;
  /** Where downloads are kept; `cacheFolder(environment)` unless given. */
  readonly cacheDir?: string;
  /** Other datasets or mirrors than the published ones, for tests and for houses with a mirror of their own. */
  readonly entries?: Readonly<Record<string, CatalogueEntry>>;
}

/**
 * Opens `mnist`, `fashion-mnist`, `digits`, or the images at a path. Each file of a named dataset is taken from
 * the first of: `dataDir`, `$ODDITY_DATA`, `data/`, `../shared/data/`, the cache, the mirrors (into the cache).
 * @throws OddityError NO_DATA when it is nowhere, BAD_DATA for a wrong checksum or a damaged file,
 *   STORAGE for an unwritable cache, ABORTED.
 */
export async function openDataset(nameOrPath: string, options: OpenOptions = {}): Promise<ImageDataset> {
  const { seed = 0, split = 'standard' } = options;
  const name = nameOrPath.toLowerCase();
  const entries: Readonly<Record<string, CatalogueEntry>> = options.entries ?? catalogue;
  const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
  if (entry !== undefined) {
    try {
      const files = await locateFiles(name, entry, options);
      return readDatasetFiles(files, { name, classNames: entry.classNames, seed, split });
    } catch (error) {
      if (options.fallback === undefined || !(error instanceof OddityError) || error.code !== 'NO_DATA') {
        throw error;
      }
      options.onNotice?.(`${error.message}; going on with the built-in digits`);
      return openDigits(seed, split);
    }
  }
  if (name === 'digits') return openDigits(seed, split);
  const path = resolve(options.workingDirectory ?? '.', nameOrPath);
  if (!exists(path)) {
    throw new OddityError(
      'NO_DATA',
      `expected a dataset (${datasetNames.join(', ')}) or a path, got '${nameOrPath}', which is neither; check the spelling`,
      { data: { nameOrPath } },
    );
  }
  return readDataset(path, { name: basename(path), seed, split });
}

/**
 * The path of a file of a data set that cannot be fetched, in the folders where named data sets are looked for.
 * @throws OddityError NO_DATA naming the folders.
 */
export function findDataFile(
  name: string,
  file: string,
  options: Pick<OpenOptions, 'dataDir' | 'environment' | 'workingDirectory'> = {},
): string {
  const folders = localFolders(name, options);
  const found = folders.map((folder) => join(folder, file)).find(exists);
  if (found !== undefined) return found;
  throw new OddityError(
    'NO_DATA',
    `expected ${file} in ${folders.join(', ')}, got none; put it there, or name its folder with --data-dir`,
    { data: { name, file, folders } },
  );
}

/** The user's cache folder for downloads on this platform. */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const home = environment.HOME ?? homedir();
  // An empty or relative XDG_CACHE_HOME is to be ignored, says the XDG base directory specification.
  const xdg = environment.XDG_CACHE_HOME;
  if (xdg?.startsWith('/')) return join(xdg, 'oddity');
  if (process.platform === 'win32') {
    return join(environment.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'oddity', 'cache');
  }
  return process.platform === 'darwin'
    ? join(home, 'Library', 'Caches', 'oddity')
    : join(home, '.cache', 'oddity');
}

function openDigits(seed: number | string, split: 'standard' | 'all'): ImageDataset {
  const digits = createDigits({ seed });
  return split === 'all' ? allRowsAsTest(digits) : digits;
}

async function locateFiles(
  name: string,
  entry: CatalogueEntry,
  options: OpenOptions,
): Promise<Record<FileRole, string>> {
  const cache = join(options.cacheDir ?? cacheFolder(options.environment), name);
  const folders = [...localFolders(name, options), cache];
  const found: Partial<Record<FileRole, string>> = {};
  for (const role of fileRoles) {
    const path = folders.map((folder) => findFile(folder, role)).find((hit) => hit !== undefined);
    if (path === undefined) continue;
    await verify(path, name, entry.files[role]);
    found[role] = path;
  }
  const missing = fileRoles.filter((role) => found[role] === undefined);
  if (missing.length > 0 && options.offline === true) {
    throw new OddityError(
      'NO_DATA',
      `${name}: expected its files in ${folders.join(', ')}, got none for ${missing.map((role) => entry.files[role].file).join(', ')}, and downloads are off; put them there or allow downloads`,
      { data: { name, folders, missing } },
    );
  }
  const bytesTotal = missing.reduce((sum, role) => sum + entry.files[role].size, 0);
  let bytesBefore = 0;
  for (const role of missing) {
    const { file, size, sha256 } = entry.files[role];
    const target = join(cache, file);
    const before = bytesBefore;
    await download({
      urls: entry.mirrors.map((mirror) => mirror + file),
      target,
      size,
      sha256,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      onProgress: (bytes) =>
        options.onProgress?.({ dataset: name, file, bytesDone: before + bytes, bytesTotal }),
    });
    bytesBefore += size;
    found[role] = target;
  }
  return found as Record<FileRole, string>;
}

function localFolders(name: string, options: OpenOptions): string[] {
  const start = options.workingDirectory ?? '.';
  const environment = options.environment ?? process.env;
  const given = [options.dataDir, environment.ODDITY_DATA].flatMap((folder) =>
    folder === undefined || folder === '' ? [] : [resolve(start, folder, name), resolve(start, folder)],
  );
  return [...given, resolve(start, 'data', name), resolve(start, '..', 'shared', 'data', name)];
}

/** A named dataset means the published bytes, gzip or unpacked; anything else is refused. */
async function verify(path: string, name: string, file: CatalogueFile): Promise<void> {
  const expected = path.endsWith('.gz') ? file.sha256 : file.contentSha256;
  const actual = await sha256OfFile(path);
  if (actual === expected) return;
  const other = (Object.keys(catalogue) as CatalogueName[]).find((key) =>
    Object.values(catalogue[key].files).some((known) => [known.sha256, known.contentSha256].includes(actual)),
  );
  throw new OddityError(
    'BAD_DATA',
    `${path}: wrong checksum: expected ${expected}, got ${actual}${other === undefined ? '' : ` (a file of ${other})`}; ${
      other === undefined || other === name
        ? `delete it to have it fetched again, or name its folder as a path to use it as it is`
        : `this is not ${name}: name another data folder`
    }`,
    { data: { path, expected, actual } },
  );
}

/** False only for what is not there: a path that is barred is for the reader to complain of. */
function exists(path: string): boolean {
  try {
    statSync(path);
    return true;
  } catch (cause) {
    return !['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '');
  }
}
