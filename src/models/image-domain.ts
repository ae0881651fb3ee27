// Images as models see them: bytes divided by 255, values in [0, 1], outputs through a sigmoid.
import type { ImageShape } from '../data/dataset.ts';
import { add, multiply, sigmoid, toFloat } from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';
import { binaryCrossEntropy, gaussianNegativeLogLikelihood } from '../nn/losses.ts';
import type { Domain } from './domain.ts';

/** Raw pixels uint8 -> [0, 1], in whatever shape they come. */
export const normalizePixels = (bytes: Tensor): Tensor => multiply(toFloat(bytes), 1 / 255);

/** The domain of images of one shape. */
export function imageDomain(shape: ImageShape): Domain {
  return {
    kind: 'images',
    shape,
    storage: 'uint8',
    open: normalizePixels,
    see: (images) => images,
    perturb: add,
    outputs: shape[0] * shape[1] * shape[2],
    activate: sigmoid,
    centre: (images) => add(multiply(images, 2), -1),
    likelihoods: {
      bernoulli: (_, logits, targets) => binaryCrossEntropy(logits, targets),
      // One variance for all pixels: Rybkin et al., "sigma-VAE" (2021), section 3.1.
      gaussian(scope, logits, targets) {
        const logVar = scope.parameter('decoder.logVar', [1], { kind: 'constant', value: -3 });
        return gaussianNegativeLogLikelihood(targets, sigmoid(logits), logVar);
      },
    },
    likelihood: 'bernoulli',
  };
}
