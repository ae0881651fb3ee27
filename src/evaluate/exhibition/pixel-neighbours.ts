// Images nearest to images by their pixels: which training image a sample resembles, and which class it looks like,
// with nothing to be trained first.
import type { ImageSet } from '../../data/dataset.ts';
import { selectRows } from '../../data/select.ts';

/** Row of the nearest image of `among` for each of `images`, and the root mean squared difference of their pixels, 0..1. */
export function nearestImages(
  images: ImageSet,
  among: ImageSet,
): { readonly rows: number[]; readonly distances: number[] } {
  const size = images.shape[0] * images.shape[1] * images.shape[2];
  const rows: number[] = [];
  const distances: number[] = [];
  for (let i = 0; i < images.count; i++) {
    const own = Int32Array.from(images.pixels.subarray(i * size, (i + 1) * size));
    let [best, least] = [0, Number.POSITIVE_INFINITY];
    for (let row = 0, at = 0; row < among.count; row++, at = row * size) {
      let sum = 0;
      for (let k = 0; k < size && sum < least; k++) {
        const difference = (own[k] as number) - (among.pixels[at + k] as number);
        sum += difference * difference;
      }
      if (sum < least) [best, least] = [row, sum];
    }
    rows.push(best);
    distances.push(Math.sqrt(least / size) / 255);
  }
  return { rows, distances };
}

const mostKnown = 2000;

/** Those of `images` that look most like a class: whose nearest of 2,000 labelled images are of it, nearest first. */
export function imagesLike(images: ImageSet, known: ImageSet, label: number, count: number): ImageSet {
  const step = Math.max(1, Math.floor(known.count / mostKnown));
  const among = selectRows(
    known,
    Array.from({ length: Math.min(known.count, mostKnown) }, (_, i) => i * step),
  );
  const { rows, distances } = nearestImages(images, among);
  const like = [...rows.keys()].filter((i) => among.labels?.[rows[i] ?? 0] === label);
  like.sort((a, b) => (distances[a] ?? 0) - (distances[b] ?? 0));
  return selectRows(images, like.slice(0, count));
}
