// The network of the classifier: LeCun et al., "Gradient-based learning applied to document recognition" (1998),
// fig. 2, with ReLU, and strides in place of pooling.
import type { ImageShape } from '../../data/dataset.ts';
import { lengthOf, logSumExp, multiply, reduceSum, relu, reshape, subtract } from '../../graph/operations.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { imageDomain } from '../../models/image-domain.ts';
import type { Batch, Losses, Trainable } from '../../models/model.ts';
import { convolution } from '../../nn/convolution.ts';
import { dense, lecunNormal } from '../../nn/layers.ts';
import type { Scope } from '../../nn/parameters.ts';

const filters = [16, 32] as const;
const kernel = { kernel: 5, stride: 2, padding: 2 } as const;
const hiddenUnits = 120;
/** Length of the feature vector: the units before the last layer. */
export const featureCount = 84;

export interface Lenet extends Trainable {
  /** Images [batch, height, width, channels] in [0, 1] -> features [batch, 84] and logits [batch, classes]. */
  classify(scope: Scope, images: Tensor): { readonly features: Tensor; readonly logits: Tensor };
}

/** Builds the classifier of images of one shape. */
export function createLenet(shape: ImageShape, classes: number): Lenet {
  function classify(scope: Scope, images: Tensor) {
    const maps = filters.reduce(
      (x, channels, i) => relu(convolution(scope, `convolution.${i}`, x, { ...kernel, channels })),
      images,
    );
    const length = lengthOf(maps, 1) * lengthOf(maps, 2) * lengthOf(maps, 3);
    const flat = reshape(maps, [images.shape[0] ?? 1, length]);
    const hidden = relu(dense(scope, 'hidden', flat, hiddenUnits));
    const features = relu(dense(scope, 'features', hidden, featureCount));
    return { features, logits: dense(scope, 'logits', features, classes, lecunNormal) };
  }

  function losses(scope: Scope, { images, labels, rowShare }: Batch): Losses {
    const { logits } = classify(scope, images);
    const chosen = reduceSum(multiply(logits, labels ?? 0), [1]);
    const crossEntropy = multiply(reduceSum(subtract(logSumExp(logits, 1), chosen)), rowShare);
    return { total: crossEntropy, parts: { crossEntropy } };
  }

  const phase = { name: 'classifier', owns: () => true, losses };
  return {
    domain: imageDomain(shape),
    classes,
    stages: [{ name: 'classifier', share: 1, noise: {}, schedules: {}, phases: [phase] }],
    classify,
  };
}
