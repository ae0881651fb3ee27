// Images before any model: how many of each class, what they look like on average, which values their pixels take.
import type { ImageDataset, ImageSet } from '../../data/dataset.ts';
import { selectRows } from '../../data/select.ts';

/** One class, or all images where there are no labels. */
export interface ImageClass {
  readonly name: string;
  readonly train: number;
  readonly test: number;
  /** The first training images. */
  readonly samples: ImageSet;
}

export interface ValueRange {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly deviation: number;
}

export interface ImageData {
  readonly kind: 'images';
  readonly name: string;
  readonly shape: ImageSet['shape'];
  readonly train: number;
  readonly test: number;
  readonly isLabelled: boolean;
  readonly classes: readonly ImageClass[];
  /** Mean of each class, pixels 0..255, in the order of `classes`. */
  readonly means: ImageSet;
  /** Standard deviation of each pixel within each class, 0..255 [classes, height, width, channels]. */
  readonly deviations: Float32Array;
  /** Share of pixels of each value 0..255, of training and of test images. */
  readonly histograms: Readonly<Record<'train' | 'test', Float64Array>>;
  readonly ranges: readonly ValueRange[];
}

const shownPerClass = 10;
const mostClasses = 24;

/** Looks at all images of a data set; at most 24 classes are shown one by one. */
export function describeImages({ name, classNames, train, test }: ImageDataset): ImageData {
  const isLabelled = train.labels !== undefined && classNames.length > 0;
  const rowsOf = (set: ImageSet, label: number): number[] => {
    const rows: number[] = [];
    for (let row = 0; row < set.count; row++) if (!isLabelled || set.labels?.[row] === label) rows.push(row);
    return rows;
  };
  const labels = isLabelled ? [...classNames.keys()].slice(0, mostClasses) : [0];
  const found = labels
    .map((label) => ({ label, rows: rowsOf(train, label), test: rowsOf(test, label).length }))
    .filter(({ rows, test }) => rows.length + test > 0);
  const moments = found.map(({ rows }) => momentsOf(train, rows));
  const size = train.shape[0] * train.shape[1] * train.shape[2];
  const means = new Uint8Array(found.length * size);
  const deviations = new Float32Array(found.length * size);
  for (const [i, { mean, deviation }] of moments.entries()) {
    means.set(
      mean.map((value) => Math.round(value)),
      i * size,
    );
    deviations.set(deviation, i * size);
  }
  const histograms = { train: histogramOf(train.pixels), test: histogramOf(test.pixels) };
  return {
    kind: 'images',
    name,
    shape: train.shape,
    train: train.count,
    test: test.count,
    isLabelled,
    classes: found.map(({ label, rows, test: count }) => ({
      name: isLabelled ? (classNames[label] ?? String(label)) : 'all images',
      train: rows.length,
      test: count,
      samples: selectRows(train, rows.slice(0, isLabelled ? shownPerClass : 3 * shownPerClass)),
    })),
    means: { shape: train.shape, count: found.length, pixels: means },
    deviations,
    histograms,
    ranges: [
      rangeOf('training images, as read', histograms.train, 1),
      rangeOf('training images, as models see them', histograms.train, 255),
      ...(test.count === 0
        ? []
        : [
            rangeOf('test images, as read', histograms.test, 1),
            rangeOf('test images, as models see them', histograms.test, 255),
          ]),
    ],
  };
}

function momentsOf({ pixels, shape }: ImageSet, rows: readonly number[]) {
  const size = shape[0] * shape[1] * shape[2];
  const [sums, squares] = [new Float64Array(size), new Float64Array(size)];
  for (const row of rows) {
    for (let i = 0, at = row * size; i < size; i++, at++) {
      const value = pixels[at] as number;
      sums[i] = (sums[i] as number) + value;
      squares[i] = (squares[i] as number) + value * value;
    }
  }
  const count = Math.max(1, rows.length);
  const mean = sums.map((sum) => sum / count);
  const deviation = squares.map((sum, i) => Math.sqrt(Math.max(0, sum / count - (mean[i] ?? 0) ** 2)));
  return { mean, deviation };
}

function histogramOf(pixels: Uint8Array): Float64Array {
  const counts = new Float64Array(256);
  for (const value of pixels) counts[value] = (counts[value] as number) + 1;
  return counts.map((count) => count / Math.max(1, pixels.length));
}

function rangeOf(name: string, shares: Float64Array, divisor: number): ValueRange {
  const mean = shares.reduce((sum, share, value) => sum + share * value, 0);
  const variance = shares.reduce((sum, share, value) => sum + share * (value - mean) ** 2, 0);
  const present = [...shares.keys()].filter((value) => (shares[value] ?? 0) > 0);
  return {
    name,
    min: (present[0] ?? 0) / divisor,
    max: (present.at(-1) ?? 0) / divisor,
    mean: mean / divisor,
    deviation: Math.sqrt(variance) / divisor,
  };
}
