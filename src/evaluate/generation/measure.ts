// All measures of a set of generated images in one record, and the rows that say how good or bad they can get.
import type { ImageSet } from '../../data/dataset.ts';
import type { Classifier } from './classifier.ts';
import { frechetDistance, gaussianOf } from './frechet.ts';
import { drawRows, memorisation, relativeSharpness } from './image-measures.ts';
import { featureCount } from './lenet.ts';
import { type ClassHistogram, classHistogram, nearDuplicateRate } from './modes.ts';
import { type NeighbourhoodMeasures, neighbourhoodMeasures, neighboursNeeded } from './neighbourhoods.ts';
import { drawFromGaussian, fitPixelGaussian } from './pixel-gaussian.ts';
import { type MeasureOptions, spacePoints, toPoints } from './points.ts';

export interface GenerationMeasures extends NeighbourhoodMeasures {
  /** Samples measured; the reference has as many training images, where there are so many. */
  readonly count: number;
  /**
   * Fréchet distance of the classifier's features; 0 is best. Not comparable with FID in papers, whose features are
   * an Inception network's, nor between classifiers of different hashes, nor between different counts.
   */
  readonly frechet: number;
  readonly classes: ClassHistogram;
  /** Mean probability of the likeliest class, 0..1. */
  readonly confidence: number;
  /** Share of samples that the classifier takes for the class that they carry as label; where they are labelled. */
  readonly agreement?: number;
  /** Share of samples closer to another sample than 99 % of real images are to any; 0.01 for real images. */
  readonly nearDuplicates: number;
  /** Mean distance of two samples' features over that of two real images'; 1 as diverse as they. */
  readonly diversity: number;
  /** Sharpness over that of real images (`laplacianVariance`). */
  readonly sharpness: number;
  /** Distance to training over distance to test images (`memorisation`); well below 1 for learning by heart. */
  readonly memorisation: number;
}

export interface RealImages {
  readonly train: ImageSet;
  /** Images that no generator has seen. */
  readonly test: ImageSet;
}

export interface GenerationOptions extends MeasureOptions {
  /** Chooses the reference images; equal seeds, equal numbers. */
  readonly seed?: number | string;
}

/**
 * Measures samples against as many images drawn from `real.train`, what a generator is to imitate; the test images
 * serve only to tell memory from skill. All but `sharpness` and `memorisation` look through the classifier.
 * Distances depend on the number of samples: compare rows of equal `count`, 10,000 by custom.
 * Throws BAD_DATA for fewer than six samples or real images, ABORTED.
 */
export async function measureGeneration(
  samples: ImageSet,
  real: RealImages,
  classifier: Classifier,
  { seed = 0, ...options }: GenerationOptions = {},
): Promise<GenerationMeasures> {
  const run = options.signal === undefined ? {} : { signal: options.signal };
  const reference = drawRows(real.train, samples.count, `${seed}/reference`);
  const seen = await classifier.look(samples, run);
  const realSeen = await classifier.look(reference, run);
  const points = toPoints(seen.features, featureCount);
  const realPoints = toPoints(realSeen.features, featureCount);
  const spaced = await spacePoints(points, neighboursNeeded, options);
  const realSpaced = await spacePoints(realPoints, neighboursNeeded, options);
  return {
    count: samples.count,
    frechet: frechetDistance(gaussianOf(points), gaussianOf(realPoints)),
    ...(await neighbourhoodMeasures(spaced, realSpaced, options)),
    classes: classHistogram(seen.labels, classifier.classNames.length),
    confidence: seen.confidence.reduce((sum, each) => sum + each, 0) / samples.count,
    ...(samples.labels && { agreement: agreementOf(seen.labels, samples.labels) }),
    nearDuplicates: nearDuplicateRate(spaced, realSpaced),
    diversity: spaced.meanDistance / realSpaced.meanDistance,
    sharpness: relativeSharpness(samples, reference),
    memorisation: await memorisation(samples, real, { ...options, seed }),
  };
}

const agreementOf = (seen: Uint8Array, asked: Uint8Array): number =>
  seen.filter((label, row) => label === asked[row]).length / asked.length;

export interface ReferenceRow {
  /** 'real': unseen real images, the best a generator can do. 'gaussian': the simplest generator, to be beaten. */
  readonly name: 'real' | 'gaussian';
  readonly measures: GenerationMeasures;
}

/**
 * The two rows that every table needs: the test images themselves as samples, and draws from a Gaussian in the space of
 * the training pixels' 64 largest principal components. `count` images each, all test images' number at most.
 */
export async function referenceRows(
  real: RealImages,
  classifier: Classifier,
  { count = real.test.count, seed = 0, ...options }: GenerationOptions & { readonly count?: number } = {},
): Promise<ReferenceRow[]> {
  const test = drawRows(real.test, count, `${seed}/real row`);
  const fitted = await fitPixelGaussian(drawRows(real.train, 10_000, `${seed}/gaussian rows`), 64, options);
  const drawn = await drawFromGaussian(fitted, test.count, seed, options);
  const measure = (samples: ImageSet, among: RealImages) =>
    measureGeneration(samples, among, classifier, { seed, ...options });
  return [
    // Test images are not held against copies of themselves: `memorisation` sees that they are the test images.
    { name: 'real', measures: await measure(test, { train: real.train, test }) },
    { name: 'gaussian', measures: await measure(drawn, real) },
  ];
}
