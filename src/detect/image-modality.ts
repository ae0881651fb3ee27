// Images as a detector takes them: raw pixels, 0..255.
import type { ImageShape } from '../data/dataset.ts';
import { isTable, type RowSet } from '../data/rows.ts';
import { OddityError } from '../errors.ts';
import { add, divide, input, reduceMean, reshape, sqrt, square, subtract } from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';
import { sizeOf } from '../models/domain.ts';
import { imageDomain } from '../models/image-domain.ts';
import { orientedGradients } from '../nn/oriented-gradients.ts';
import type { Modality, StoredRows } from './modality.ts';

export const contrasts = ['common', 'own'] as const;
export type Contrast = (typeof contrasts)[number];

/** Images as training keeps them. */
export const storedImages = (images: {
  readonly count: number;
  readonly pixels: Uint8Array;
  readonly labels?: Uint8Array;
}): StoredRows => ({
  count: images.count,
  values: images.pixels,
  ...(images.labels === undefined ? {} : { labels: images.labels }),
});

/** Each image less its mean, over its deviation: another exposure of the same scene looks the same. */
function ownContrast(images: Tensor): Tensor {
  const axes = [1, 2, 3];
  const centred = subtract(images, reduceMean(images, axes, true));
  return divide(centred, add(sqrt(reduceMean(square(centred), axes, true)), 1e-3));
}

/** The modality of images of one shape; by `contrast`, edges are measured in each image's own contrast. */
export function imageModality(shape: ImageShape, contrast: Contrast = 'common'): Modality {
  const domain = imageDomain(shape);
  const pixels = input('pixels', ['batch', ...shape], 'uint8');
  const requireImages = (rows: RowSet) => {
    const got = isTable(rows) ? 'rows of a table' : rows.shape.join(' x ');
    if (!isTable(rows) && rows.shape.join() === shape.join()) return rows;
    throw new OddityError(
      'BAD_DATA',
      `This detector knows images of ${shape.join(' x ')} (height x width x channels), got ${got}; resize them or train on such images.`,
      { data: { expected: shape, got } },
    );
  };
  return {
    domain,
    inputs: { pixels },
    edges: (images) => orientedGradients(contrast === 'own' ? ownContrast(images) : images),
    isWhitened: false,
    rows: domain.open(pixels),
    documentation: `pixels: raw images uint8 [batch, ${shape.join(', ')}], 0..255.`,
    feed: (rows) => ({ pixels: { values: requireImages(rows).pixels, shape } }),
    store: async (rows) => storedImages(requireImages(rows)),
    restore: (values) => ({
      shape,
      count: values.length / sizeOf(domain),
      pixels: Uint8Array.from(values, (value) => Math.round(255 * value)),
    }),
    contributionShape: shape,
    gather: (contributions) => reshape(contributions, ['batch', ...shape]),
  };
}
