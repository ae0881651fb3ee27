// Image files on disk: IDX, gzip or plain (told apart by their bytes), alone or in a folder.
// Node only; the parsing itself is in idx.ts, for browsers.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { OddityError } from '../errors.ts';
import { classNamesByLabels, type FileRole, fileNames, fileRoles } from './catalogue.ts';
import type { ImageDataset, ImageSet } from './dataset.ts';
import { imagesFromIdx, labelsFromIdx, parseIdx } from './idx.ts';
import { withLabels } from './images-from-pixels.ts';
import { allRowsAsTest, selectRows, splitRows } from './select.ts';

export interface ReadOptions {
  /**
   * `standard` (the default): the source's own training and test rows; a source with only one split is divided
   * 80/20 at random by `seed`, and the dataset's name says so. `all`: every row, in file order, in `test`
   * (training rows first), and an empty `train`.
   */
  readonly split?: 'standard' | 'all';
  /** Seed of the 80/20 division; 0 unless given. */
  readonly seed?: number | string;
  /** The dataset's name; the file or folder name unless given. */
  readonly name?: string;
  /** Class names by index; those of a known dataset, else '0', '1', ... unless given. */
  readonly classNames?: readonly string[];
}

/** Paths of the files of one dataset; labels may be missing, and one of the two splits. */
export type DatasetFiles = { readonly [role in FileRole]?: string };

/**
 * Reads a folder that holds the files of the MNIST family (all four, or those of one split; '-idx3-ubyte' or
 * '.idx3-ubyte', with or without '.gz'), or one IDX file of images, whose labels are looked for beside it.
 * @throws OddityError NO_DATA when there is nothing to read, BAD_DATA when it is not what it claims to be,
 *   STORAGE when it cannot be read.
 */
export function readDataset(path: string, options: ReadOptions = {}): ImageDataset {
  const files = isFolder(path) ? filesInFolder(path) : filesBeside(path);
  return readDatasetFiles(files, { name: basename(path), ...options });
}

/** Reads a dataset from files that have been found already; see `readDataset`. */
export function readDatasetFiles(files: DatasetFiles, options: ReadOptions & { name: string }): ImageDataset {
  const train = readSplit(files.trainImages, files.trainLabels);
  const test = readSplit(files.testImages, files.testLabels);
  const only = train ?? test;
  if (only === undefined) throw new OddityError('NO_DATA', `${options.name}: expected images, got none`);
  const classNames = nameClasses([train, test], options);
  const { name, seed = 0 } = options;
  if (train !== undefined && test !== undefined) {
    if (train.set.shape.join() !== test.set.shape.join()) {
      throw new OddityError(
        'BAD_DATA',
        `${name}: expected training and test images of one shape, got ${train.set.shape.join('x')} and ${test.set.shape.join('x')}; give files that belong together`,
      );
    }
    const dataset = { name, classNames, train: train.set, test: test.set };
    return options.split === 'all' ? allRowsAsTest(dataset) : dataset;
  }
  const none = selectRows(only.set, []);
  if (options.split === 'all') return { name, classNames, train: none, test: only.set };
  if (only.set.count < 2) return { name, classNames, train: only.set, test: none };
  const { training, calibration: held } = splitRows(only.set, { calibrationFraction: 0.2, seed });
  return {
    name: `${name} (split 80/20 by seed ${seed})`,
    classNames,
    train: selectRows(only.set, training),
    test: selectRows(only.set, held),
  };
}

/** The path in `folder` of the file that plays `role`, in any of its spellings, gzip first; undefined when absent. */
export function findFile(folder: string, role: FileRole): string | undefined {
  const dashed = fileNames[role];
  const dotted = dashed.replace('-idx', '.idx');
  return [`${dashed}.gz`, `${dotted}.gz`, dashed, dotted].map((name) => join(folder, name)).find(isFile);
}

interface Split {
  readonly set: ImageSet;
  readonly labelsSha256?: string;
}

function readSplit(imagesPath: string | undefined, labelsPath: string | undefined): Split | undefined {
  if (imagesPath === undefined) {
    if (labelsPath === undefined) return undefined;
    throw new OddityError(
      'BAD_DATA',
      `${labelsPath}: expected the images of these labels beside them, got none; put the images file there`,
    );
  }
  const set = imagesFromIdx(parseIdx(readBytes(imagesPath), imagesPath), imagesPath);
  if (labelsPath === undefined) return { set };
  const bytes = readBytes(labelsPath);
  const labels = labelsFromIdx(parseIdx(bytes, labelsPath), labelsPath);
  const labelsSha256 = createHash('sha256').update(bytes).digest('hex');
  return { set: withLabels(set, labels, imagesPath), labelsSha256 };
}

function nameClasses(splits: readonly (Split | undefined)[], options: ReadOptions & { name: string }) {
  let count = 0;
  let known = options.classNames;
  for (const split of splits) {
    for (const label of split?.set.labels ?? []) count = Math.max(count, label + 1);
    if (split?.labelsSha256 !== undefined) known ??= classNamesByLabels(split.labelsSha256);
  }
  const classNames = known ?? Array.from({ length: count }, (_, i) => String(i));
  if (count > classNames.length) {
    throw new OddityError(
      'BAD_DATA',
      `${options.name}: expected labels 0 to ${classNames.length - 1}, got ${count - 1}; give a name for each class`,
    );
  }
  return classNames;
}

function filesInFolder(folder: string): DatasetFiles {
  const found = fileRoles.flatMap((role) => {
    const path = findFile(folder, role);
    return path === undefined ? [] : [[role, path] as const];
  });
  if (found.length > 0) return Object.fromEntries(found);
  const images = namesIn(folder).filter((name) => /images.*idx3/i.test(name));
  if (images.length === 1 && images[0] !== undefined) return filesBeside(join(folder, images[0]));
  throw new OddityError(
    'NO_DATA',
    `${folder}: expected ${fileNames.trainImages}[.gz] and its like, got ${images.length === 0 ? 'no such file' : `${images.length} files of images`}; name a folder of IDX files or one file`,
    { data: { path: folder } },
  );
}

function filesBeside(path: string): DatasetFiles {
  const name = basename(path).replace(/\.gz$/i, '');
  if (!/images/i.test(name)) return { testImages: path };
  const labels = name
    .replace(/images/i, (word) => (word === 'images' ? 'labels' : 'LABELS'))
    .replace(/idx3/i, (word) => `${word.slice(0, 3)}1`);
  const beside = [`${labels}.gz`, labels].map((file) => join(dirname(path), file)).find(isFile);
  return beside === undefined ? { testImages: path } : { testImages: path, testLabels: beside };
}

function readBytes(path: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: 2 ** 31 });
  } catch (cause) {
    throw new OddityError(
      'BAD_DATA',
      `${path}: expected an intact gzip file, got a damaged or cut one (${(cause as Error).message}); fetch it again`,
      { data: { path }, cause },
    );
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    throw unreadable(folder, cause);
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function unreadable(path: string, cause: unknown): OddityError {
  const code = (cause as NodeJS.ErrnoException).code;
  const absent = code === 'ENOENT' || code === 'ENOTDIR';
  return new OddityError(
    absent ? 'NO_DATA' : 'STORAGE',
    absent
      ? `${path}: expected a file or folder of images, got none; check the path`
      : `${path}: expected a readable file, got ${code ?? String(cause)}; check its type and permissions`,
    { data: { path }, cause },
  );
}
