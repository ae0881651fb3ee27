// Coordinates in which training rows have mean 0 and no correlations: an affine map and its inverse, as plain numbers.
import { add, constant, matmul, subtract } from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';

export interface Whitening {
  readonly dimension: number;
  /** [dimension] */
  readonly mean: Float32Array;
  /** To the new coordinates and back [dimension, dimension], rows times matrix. */
  readonly forward: Float32Array;
  readonly backward: Float32Array;
}

/** x [batch, dimension] in the new coordinates. */
export function whiten(x: Tensor, { mean, forward, dimension }: Whitening): Tensor {
  return matmul(subtract(x, constant(mean, [dimension])), constant(forward, [dimension, dimension]));
}

/** Back from the new coordinates. */
export function unwhiten(z: Tensor, { mean, backward, dimension }: Whitening): Tensor {
  return add(matmul(z, constant(backward, [dimension, dimension])), constant(mean, [dimension]));
}
