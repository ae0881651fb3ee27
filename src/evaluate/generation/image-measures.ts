// What can be read off the pixels: how sharp samples are, and whether they are training images from memory.
import type { ImageSet } from '../../data/dataset.ts';
import { selectRows } from '../../data/select.ts';
import { OddityError } from '../../errors.ts';
import { createRandom, permutation } from '../../nn/random.ts';
import { type MeasureOptions, nearestDistances, type Points, requirePoints } from './points.ts';

/**
 * Mean over images and channels of the variance of the Laplacian (4 neighbours, inner pixels), pixels in 0..255:
 * high where edges are hard, low where they are blurred. Pech-Pacheco et al., "Diatom autofocusing in brightfield
 * microscopy" (2000). Throws BAD_DATA for no images, or images under 3 x 3.
 */
export function laplacianVariance({ shape, count, pixels }: ImageSet): number {
  const [height, width, channels] = shape;
  requirePoints({ count }, 1, 'images');
  if (height < 3 || width < 3) {
    throw new OddityError('BAD_DATA', `expected images of 3x3 pixels or more, got ${height}x${width}`, {
      data: { shape },
    });
  }
  const size = height * width * channels;
  const inner = (height - 2) * (width - 2);
  const row = width * channels;
  let total = 0;
  for (let image = 0; image < count; image++) {
    for (let channel = 0; channel < channels; channel++) {
      let [sum, squares] = [0, 0];
      for (let y = 1; y < height - 1; y++) {
        for (let x = 1; x < width - 1; x++) {
          const at = image * size + y * row + x * channels + channel;
          const beside = (pixels[at - channels] ?? 0) + (pixels[at + channels] ?? 0);
          const value = beside + (pixels[at - row] ?? 0) + (pixels[at + row] ?? 0) - 4 * (pixels[at] ?? 0);
          sum += value;
          squares += value * value;
        }
      }
      total += squares / inner - (sum / inner) ** 2;
    }
  }
  return total / (count * channels);
}

/** Sharpness of samples over that of real images: 1 as sharp, below 1 blurred, above 1 noisy. */
export function relativeSharpness(samples: ImageSet, real: ImageSet): number {
  return laplacianVariance(samples) / laplacianVariance(real);
}

/** Images as points, pixels in [0, 1]. */
export function pixelPoints({ pixels, count, shape }: ImageSet): Points {
  const dimension = shape[0] * shape[1] * shape[2];
  return { count, dimension, values: Float32Array.from(pixels, (value) => value / 255) };
}

/** `count` rows drawn without replacement, or all of them where there are no more. */
export function drawRows(set: ImageSet, count: number, key: string): ImageSet {
  if (set.count <= count) return set;
  return selectRows(set, permutation(set.count, createRandom(key)).subarray(0, count));
}

export interface MemorisationOptions extends MeasureOptions {
  /** Most samples that are looked at; 2,000 unless given. */
  readonly samples?: number;
  readonly seed?: number | string;
}

/**
 * Mean distance (pixels, Euclidean) from samples to the nearest training image over that to the nearest test image,
 * among equally many of both: 1 where the training images are as strange as ones never seen, 0 for copies of them.
 * Where `samples` is `test` itself, each image's own copy there is left out. After the leave-out tests of
 * Meehan et al., "A non-parametric test to detect data-copying" (2020).
 */
export async function memorisation(
  samples: ImageSet,
  real: { readonly train: ImageSet; readonly test: ImageSet },
  { samples: most = 2000, seed = 0, ...options }: MemorisationOptions = {},
): Promise<number> {
  const count = Math.min(real.train.count, real.test.count);
  const isTest = samples === real.test;
  const train = pixelPoints(drawRows(real.train, count, `${seed}/memorisation/train`));
  const test = pixelPoints(isTest ? real.test : drawRows(real.test, count, `${seed}/memorisation/test`));
  const looked = pixelPoints(drawRows(samples, most, `${seed}/memorisation/samples`));
  const toTrain = await nearestDistances(looked, train, 1, options);
  const skip = isTest ? 1 : 0;
  const toTest = await nearestDistances(looked, test, 1 + skip, options);
  const sum = (values: Float32Array): number => values.reduce((all, each) => all + each, 0);
  return sum(toTrain) / sum(toTest.filter((_, i) => i % (1 + skip) === skip));
}
