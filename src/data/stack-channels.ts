// Stacked MNIST: three random grey images, one in each colour channel, so that ten classes make a thousand modes.
// Metz et al., "Unrolled generative adversarial networks" (2017), section 3.3.1; Srivastava et al., "VEEGAN" (2017).
import { OddityError } from '../errors.ts';
import { createRandom } from '../nn/random.ts';
import type { ImageSet } from './dataset.ts';

const channels = 3;

/** `count` colour images [height, width, 3] out of random images of a grey set. Throws BAD_DATA for colour images. */
export function stackChannels(set: ImageSet, count: number, seed: number | string): ImageSet {
  const [height, width, given] = set.shape;
  if (given !== 1 || set.count === 0) {
    throw new OddityError('BAD_DATA', `expected grey images to stack, got ${set.count} of ${given} channels`);
  }
  const size = height * width;
  const random = createRandom(`${seed}/stack`);
  const pixels = new Uint8Array(count * size * channels);
  for (let image = 0; image < count; image++) {
    for (let channel = 0; channel < channels; channel++) {
      const from = random.integer(set.count) * size;
      for (let i = 0; i < size; i++) {
        pixels[(image * size + i) * channels + channel] = set.pixels[from + i] ?? 0;
      }
    }
  }
  return { shape: [height, width, channels], count, pixels };
}

/** One channel of each image, as a grey set. */
export function takeChannel({ shape, count, pixels }: ImageSet, channel: number): ImageSet {
  const [height, width, depth] = shape;
  const taken = new Uint8Array(count * height * width);
  for (let i = 0; i < taken.length; i++) taken[i] = pixels[i * depth + channel] ?? 0;
  return { shape: [height, width, 1], count, pixels: taken };
}
