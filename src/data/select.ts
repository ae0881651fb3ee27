// Which rows: by class, by seed, by index. Train, calibration and test rows never mix.
// Apart from the readers: these functions touch no file and hold for every image set.

import { OddityError } from '../errors.ts';
import { createRandom, permutation } from '../nn/random.ts';
import type { ImageDataset, ImageSet } from './dataset.ts';

/** Row numbers of a set, ascending. */
export type Rows = Uint32Array;

/** Copies the given rows, in the given order, into a set of their own (labels too). Throws BAD_USAGE for a row outside the set. */
export function selectRows(set: ImageSet, rows: ArrayLike<number>): ImageSet {
  const rowLength = set.pixels.length / Math.max(1, set.count);
  const pixels = new Uint8Array(rows.length * rowLength);
  const labels = set.labels === undefined ? undefined : new Uint8Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] ?? -1;
    if (!Number.isInteger(row) || row < 0 || row >= set.count) {
      throw new OddityError(
        'BAD_USAGE',
        `expected rows 0 to ${set.count - 1}, got ${row}; give rows of this set`,
        { data: { row, count: set.count } },
      );
    }
    pixels.set(set.pixels.subarray(row * rowLength, (row + 1) * rowLength), i * rowLength);
    if (labels !== undefined) labels[i] = set.labels?.[row] ?? 0;
  }
  const chosen = { shape: set.shape, count: rows.length, pixels };
  return labels === undefined ? chosen : { ...chosen, labels };
}

/** Joins two sets of one shape, `first` before `second`; labels stay only when both have them. Throws BAD_DATA. */
export function joinSets(first: ImageSet, second: ImageSet): ImageSet {
  if (first.shape.join() !== second.shape.join()) {
    throw new OddityError(
      'BAD_DATA',
      `expected images of one shape, got ${first.shape.join('x')} and ${second.shape.join('x')}; give files that belong together`,
      { data: { first: first.shape, second: second.shape } },
    );
  }
  const pixels = new Uint8Array(first.pixels.length + second.pixels.length);
  pixels.set(first.pixels);
  pixels.set(second.pixels, first.pixels.length);
  const joined = { shape: first.shape, count: first.count + second.count, pixels };
  if (first.labels === undefined || second.labels === undefined) return joined;
  const labels = new Uint8Array(joined.count);
  labels.set(first.labels);
  labels.set(second.labels, first.count);
  return { ...joined, labels };
}

/** The same dataset with every row in `test`, training rows first, and an empty `train`: for scoring a whole source. */
export function allRowsAsTest(dataset: ImageDataset): ImageDataset {
  const test = dataset.train.count === 0 ? dataset.test : joinSets(dataset.train, dataset.test);
  return { ...dataset, train: selectRows(dataset.train, []), test };
}

/** How many rows each class index has, from 0 to the largest label. Throws BAD_DATA for a set without labels. */
export function countLabels(set: ImageSet): number[] {
  const labels = requireLabels(set);
  const counts: number[] = [];
  for (const label of labels) {
    while (counts.length <= label) counts.push(0);
    counts[label] = (counts[label] ?? 0) + 1;
  }
  return counts;
}

/**
 * The rows of the normal and of the anomalous classes. A side left out is every class the other does not name;
 * with neither, all rows are normal (and the set needs no labels).
 * @throws OddityError BAD_USAGE when a class is on both sides; BAD_DATA without labels, or for a class with no rows.
 */
export function rowsOfClasses(
  set: ImageSet,
  classes: { readonly normal?: readonly number[]; readonly anomaly?: readonly number[] },
  classNames: readonly string[] = [],
): { readonly normal: Rows; readonly anomaly: Rows } {
  const { normal, anomaly } = classes;
  if (normal === undefined && anomaly === undefined) {
    return { normal: Uint32Array.from({ length: set.count }, (_, i) => i), anomaly: new Uint32Array(0) };
  }
  const labels = requireLabels(set);
  const counts = countLabels(set);
  const named = (label: number): string => nameOfClass(label, classNames);
  for (const label of [...(normal ?? []), ...(anomaly ?? [])]) {
    if ((counts[label] ?? 0) > 0) continue;
    const present = counts.flatMap((count, i) => (count > 0 ? [named(i)] : []));
    throw new OddityError(
      'BAD_DATA',
      `expected rows of class ${named(label)}, got none; the classes here are ${present.join(', ')}`,
      { data: { label, counts } },
    );
  }
  const both = normal?.find((label) => anomaly?.includes(label));
  if (both !== undefined) {
    throw new OddityError(
      'BAD_USAGE',
      `expected each class on one side, got ${named(both)} as normal and as anomaly; remove it from one`,
      { data: { label: both } },
    );
  }
  const rowsWhere = (keep: (label: number) => boolean): Rows =>
    Uint32Array.from(labels.keys()).filter((row) => keep(labels[row] ?? 0));
  return {
    normal: rowsWhere((label) => (normal === undefined ? !anomaly?.includes(label) : normal.includes(label))),
    anomaly: rowsWhere((label) =>
      anomaly === undefined ? !normal?.includes(label) : anomaly.includes(label),
    ),
  };
}

/**
 * Splits rows (all of the set, or `rows`) at random into disjoint training and calibration rows, both ascending.
 * Equal seeds give equal splits; each side gets at least one row.
 * @throws OddityError BAD_USAGE for a fraction outside (0, 1); BAD_DATA for fewer than two rows.
 */
export function splitRows(
  set: { readonly count: number },
  options: {
    readonly calibrationFraction: number;
    readonly seed: number | string;
    readonly rows?: ArrayLike<number>;
  },
): { readonly training: Rows; readonly calibration: Rows } {
  const { calibrationFraction: fraction, seed } = options;
  if (!(fraction > 0 && fraction < 1)) {
    throw new OddityError(
      'BAD_USAGE',
      `expected a calibration fraction between 0 and 1, got ${fraction}; 0.2 holds back one row in five`,
      { data: { fraction } },
    );
  }
  const rows =
    options.rows === undefined
      ? Uint32Array.from({ length: set.count }, (_, i) => i)
      : new Uint32Array(new Set(Array.from(options.rows)));
  if (rows.length < 2) {
    throw new OddityError(
      'BAD_DATA',
      `expected at least 2 rows to split, got ${rows.length}; give more normal rows`,
      { data: { count: rows.length } },
    );
  }
  const order = permutation(rows.length, createRandom(`split/${seed}`)).map((i) => rows[i] ?? 0);
  const held = Math.min(rows.length - 1, Math.max(1, Math.round(rows.length * fraction)));
  return { training: order.slice(held).sort(), calibration: order.slice(0, held).sort() };
}

/**
 * The index of a class given by index or by name; case, blanks and punctuation do not matter, and the
 * first three or more letters do when only one name starts with them.
 * @throws OddityError BAD_USAGE listing the choices.
 */
export function resolveClass(dataset: Pick<ImageDataset, 'name' | 'classNames'>, text: string): number {
  const names = dataset.classNames.map(plain);
  const wanted = plain(text);
  const exact = names.indexOf(wanted);
  if (wanted !== '' && exact >= 0) return exact;
  const index = /^\s*\d+\s*$/.test(text) ? Number(text) : -1;
  if (index >= 0 && index < names.length) return index;
  const starts = names.flatMap((name, i) => (name.startsWith(wanted) ? [i] : []));
  if (wanted.length >= 3 && starts.length === 1 && starts[0] !== undefined) return starts[0];
  const choices = dataset.classNames.map((_, i) => nameOfClass(i, dataset.classNames)).join(', ');
  throw new OddityError(
    'BAD_USAGE',
    choices === ''
      ? `${dataset.name} has no labels, so no class '${text}'; give a source with labels`
      : `expected a class of ${dataset.name}, got '${text}'; the choices are ${choices}`,
    { data: { text, classNames: dataset.classNames } },
  );
}

function requireLabels(set: ImageSet): Uint8Array {
  if (set.labels !== undefined) return set.labels;
  throw new OddityError(
    'BAD_DATA',
    'expected a class label for each image, got images without labels; give the labels file beside the images',
  );
}

function nameOfClass(label: number, classNames: readonly string[]): string {
  const name = classNames[label];
  return name === undefined || name === String(label) ? String(label) : `${label} (${name})`;
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
