// What a detector's model draws: samples, the training images nearest to them, images of one class, and how pictures
// change along paths through its latent space.
import type { ImageDataset, ImageSet } from '../../data/dataset.ts';
import { joinSets, selectRows } from '../../data/select.ts';
import type { Detector } from '../../detect/detector.ts';
import { principalPlane } from '../comparison/plane.ts';
import type { Classifier } from '../generation/classifier.ts';
import { toPoints } from '../generation/points.ts';
import { imagesLike, nearestImages } from './pixel-neighbours.ts';

export interface ClassImages {
  readonly name: string;
  readonly images: ImageSet;
  /**
   * 'asked': the model was asked for the class. Else the likest to it among draws: by the classifier ('recognised'),
   * or by the nearest training image ('found').
   */
  readonly how: 'asked' | 'recognised' | 'found';
  readonly drawn: number;
}

/** Walks between pairs of test images: `stops` images for each pair. */
export interface Walk {
  readonly name: string;
  readonly from: ImageSet;
  readonly to: ImageSet;
  readonly images: ImageSet;
  readonly stops: number;
}

export interface DimensionWalk {
  /** From 0. */
  readonly dimension: number;
  /** Its standard deviation over test codes. */
  readonly deviation: number;
  readonly images: ImageSet;
}

export interface Generation {
  readonly samples: ImageSet;
  /** Others, for a sheet of them. */
  readonly sheet: ImageSet;
  /** Of the training images, the nearest to each sample, and their difference (root mean square, 0..1). */
  readonly nearest: ImageSet;
  readonly distances: readonly number[];
  readonly ofClass: readonly ClassImages[];
  readonly walks: readonly Walk[];
  readonly dimensions: readonly DimensionWalk[];
  /** Each of these many standard deviations to both sides of the mean code. */
  readonly reach: number;
  /** The class as which a conditional model draws dimensions and grid. */
  readonly drawnAs?: string;
  /** A square of images decoded over the latent plane, or a row where there is one dimension. */
  readonly grid: { readonly images: ImageSet; readonly columns: number; readonly what: string };
}

export interface GenerationSource {
  readonly detector: Detector;
  /** The normal training images. */
  readonly train: ImageSet;
  readonly dataset: ImageDataset;
  /** Normal test images with their codes [count, latentDim], and the two axes they spread along most. */
  readonly test: ImageSet;
  readonly codes: Float32Array;
  /** Class numbers to show alone. */
  readonly classes: readonly number[];
  /** Recognises classes among draws of a model that cannot be asked for one. */
  readonly classifier?: Classifier | undefined;
  /** Whether fewer pictures are drawn, for a page of many models. */
  readonly isBrief?: boolean;
  readonly seed?: number;
}

const shown = 10;
const ofOneClass = 5;
const draws = 400;
const stops = 10;
const reach = 2.5;
const full = { ofSheet: 36, dimensions: 8, gridSide: 10, walks: 2 } as const;
const brief = { ofSheet: 18, dimensions: 3, gridSide: 5, walks: 1 } as const;

/** Draws it all. Conditional models draw each walk as the class of the nearer end. */
export async function showGeneration(source: GenerationSource): Promise<Generation> {
  const { detector, train, dataset, test, codes, isBrief = false, seed = 0 } = source;
  const sizes = isBrief ? brief : full;
  const label = oneClass(detector);
  const samples = await detector.generate(shown, { seed });
  const { rows, distances } = nearestImages(samples, train);
  const asks = label !== undefined;
  const space = describeCodes(codes, test.count);
  return {
    samples,
    sheet: await detector.generate(sizes.ofSheet, { seed: `${seed}/sheet` }),
    nearest: selectRows(train, rows),
    distances,
    ofClass: await drawClasses(source, asks, seed),
    walks: await walk(source, asks, sizes.walks),
    dimensions: await walkDimensions(detector, space, sizes.dimensions),
    reach,
    ...(label === undefined ? {} : { drawnAs: dataset.classNames[label] ?? String(label) }),
    grid: await drawPlane(detector, codes, space, sizes.gridSide),
  };
}

/** Five of each class: asked for where the model can be asked, else the likest among its draws. */
async function drawClasses(
  { detector, train, dataset, classes, classifier }: GenerationSource,
  asks: boolean,
  seed: number,
): Promise<ClassImages[]> {
  const nameOf = (label: number): string => dataset.classNames[label] ?? String(label);
  const drawn: ClassImages[] = [];
  if (asks) {
    for (const label of classes) {
      const images = await detector.generate(ofOneClass, { seed, class: label });
      drawn.push({ name: nameOf(label), images, how: 'asked', drawn: ofOneClass });
    }
    return drawn;
  }
  if (classes.length === 0) return drawn;
  const pool = await detector.generate(draws, { seed: `${seed}/pool` });
  const seen = await classifier?.look(pool);
  for (const label of classes) {
    const images =
      seen === undefined
        ? imagesLike(pool, train, label, ofOneClass)
        : selectRows(
            pool,
            [...seen.labels.keys()]
              .filter((row) => seen.labels[row] === label)
              .sort((a, b) => (seen.confidence[b] ?? 0) - (seen.confidence[a] ?? 0))
              .slice(0, ofOneClass),
          );
    const how = seen === undefined ? 'found' : 'recognised';
    drawn.push({ name: nameOf(label), images, how, drawn: draws });
  }
  return drawn;
}

interface CodeSpace {
  readonly dimension: number;
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
  /** Dimensions in the order of their deviation, largest first. */
  readonly order: readonly number[];
}

function describeCodes(codes: Float32Array, count: number): CodeSpace {
  const dimension = codes.length / Math.max(1, count);
  const mean = new Float64Array(dimension);
  const square = new Float64Array(dimension);
  for (const [i, value] of codes.entries()) {
    mean[i % dimension] = (mean[i % dimension] ?? 0) + value / count;
    square[i % dimension] = (square[i % dimension] ?? 0) + (value * value) / count;
  }
  const deviation = square.map((each, k) => Math.sqrt(Math.max(0, each - (mean[k] ?? 0) ** 2)));
  const order = [...deviation.keys()].sort((a, b) => (deviation[b] ?? 0) - (deviation[a] ?? 0));
  return { dimension, mean, deviation, order };
}

/** Two images of one class, and two of different classes; where there are no labels, two far apart in the set. */
function pairsOf(
  test: ImageSet,
): { readonly name: string; readonly from: number[]; readonly to: number[] }[] {
  const { labels, count } = test;
  if (count < 2) return [];
  if (labels === undefined)
    return [
      {
        name: 'between two images',
        from: [0, 1].slice(0, count - 1),
        to: [count - 1, Math.floor(count / 2)].slice(0, count - 1),
      },
    ];
  const present = [...new Set(labels)].sort((a, b) => a - b);
  const ofLabel = (label: number): number[] => [...labels.keys()].filter((row) => labels[row] === label);
  const within = present
    .map(ofLabel)
    .filter((rows) => rows.length > 1)
    .slice(0, 2);
  const between =
    present.length > 1
      ? [0, Math.floor(present.length / 2)].map(
          (i) =>
            [
              ofLabel(present[i] ?? 0)[0] ?? 0,
              ofLabel(present[(i + 1) % present.length] ?? 0)[0] ?? 0,
            ] as const,
        )
      : [];
  return [
    {
      name: 'between two images of one class',
      from: within.map((rows) => rows[0] ?? 0),
      to: within.map((rows) => rows[1] ?? 0),
    },
    { name: 'between two classes', from: between.map(([a]) => a), to: between.map(([, b]) => b) },
  ].filter(({ from }) => from.length > 0);
}

/** At most `most` of each kind. */
async function walk(
  { detector, test, codes }: GenerationSource,
  asks: boolean,
  most: number,
): Promise<Walk[]> {
  const dimension = codes.length / Math.max(1, test.count);
  const walks: Walk[] = [];
  for (const { name, ...pairs } of pairsOf(test)) {
    const [from, to] = [pairs.from.slice(0, most), pairs.to.slice(0, most)];
    const strips: ImageSet[] = [];
    for (const [pair, a] of from.entries()) {
      const b = to[pair] ?? a;
      const latent = new Float32Array(stops * dimension);
      for (let i = 0; i < latent.length; i++) {
        const t = Math.floor(i / dimension) / (stops - 1);
        const k = i % dimension;
        latent[i] = (1 - t) * (codes[a * dimension + k] ?? 0) + t * (codes[b * dimension + k] ?? 0);
      }
      const half = (stops / 2) * dimension;
      strips.push(
        asks
          ? joinSets(
              await detector.decode(latent.slice(0, half), classOf(test, a)),
              await detector.decode(latent.slice(half), classOf(test, b)),
            )
          : await detector.decode(latent),
      );
    }
    const images = strips.reduce((all, strip) => joinSets(all, strip));
    walks.push({ name, from: selectRows(test, from), to: selectRows(test, to), images, stops });
  }
  return walks;
}

const classOf = ({ labels }: ImageSet, row: number) => ({ class: labels?.[row] ?? 0 });

/** From the mean code, one dimension at a time, those first along which codes spread most. */
async function walkDimensions(
  detector: Detector,
  { dimension, mean, deviation, order }: CodeSpace,
  most: number,
): Promise<DimensionWalk[]> {
  const walks: DimensionWalk[] = [];
  for (const chosen of order.slice(0, most)) {
    const latent = new Float32Array(stops * dimension);
    for (let stop = 0; stop < stops; stop++) {
      latent.set(mean, stop * dimension);
      const t = (2 * stop) / (stops - 1) - 1;
      latent[stop * dimension + chosen] = (mean[chosen] ?? 0) + t * reach * (deviation[chosen] ?? 0);
    }
    walks.push({
      dimension: chosen,
      deviation: deviation[chosen] ?? 0,
      images: await decodeAsOne(detector, latent),
    });
  }
  return walks;
}

/** The class as which a conditional model draws what is to differ in its latent code alone. */
function oneClass({ manifest: { training, data } }: Detector): number | undefined {
  return Number(training.options.classes ?? 0) > 0 ? (data.normalClasses[0] ?? 0) : undefined;
}

/** A conditional model draws each class in turn unless told one. */
export function decodeAsOne(detector: Detector, latent: Float32Array): Promise<ImageSet> {
  const label = oneClass(detector);
  return detector.decode(latent, label === undefined ? {} : { class: label });
}

/** Images over the plane that codes spread over most: the two dimensions themselves where there are no more. */
async function drawPlane(
  detector: Detector,
  codes: Float32Array,
  { dimension, mean, deviation }: CodeSpace,
  gridSide: number,
): Promise<Generation['grid']> {
  const own = Array.from({ length: Math.min(2, dimension) }, (_, k) => ({
    direction: Array.from({ length: dimension }, (__, i) => Number(i === k)),
    deviation: deviation[k] ?? 0,
  }));
  const points = toPoints(codes, dimension);
  const [across, upwards] = dimension > 2 && points.count > 2 ? principalPlane(points).axes : own;
  const rows = upwards === undefined ? 1 : gridSide;
  const latent = new Float32Array(rows * gridSide * dimension);
  const at = (step: number): number => reach * ((2 * step) / (gridSide - 1) - 1);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < gridSide; column++) {
      const start = (row * gridSide + column) * dimension;
      for (let i = 0; i < dimension; i++) {
        const [x, y] = [across, upwards].map(
          (axis) => (axis?.direction[i] ?? 0) * (axis?.deviation ?? 0),
        ) as [number, number];
        latent[start + i] = (mean[i] ?? 0) + at(column) * x - at(row) * y;
      }
    }
  }
  const what =
    upwards === undefined
      ? 'along the only latent dimension'
      : dimension === 2
        ? 'over the two latent dimensions'
        : `over the plane of the ${dimension} latent dimensions that codes spread over most`;
  return { images: await decodeAsOne(detector, latent), columns: gridSide, what };
}
