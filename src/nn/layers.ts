// Layers: functions that ask a scope for their weights and return a symbolic tensor.
import {
  add,
  constant,
  detach,
  divide,
  lengthOf,
  matmul,
  multiply,
  reduceSum,
  reshape,
  sqrt,
  square,
} from '../graph/operations.ts';
import { elementCount, type Tensor } from '../graph/tensor.ts';
import type { Initializer, Scope } from './parameters.ts';
import { createRandom, fillNormal } from './random.ts';

const zeros: Initializer = { kind: 'zeros' };

/** Normal with variance 2 / fanIn: keeps the scale through ReLU layers (He et al. 2015, eq. 10). */
export const heNormal = (fanIn: number): Initializer => ({ kind: 'normal', deviation: Math.sqrt(2 / fanIn) });
/** Normal with variance 1 / fanIn: keeps the scale through linear layers (LeCun et al. 1998). */
export const lecunNormal = (fanIn: number): Initializer => ({
  kind: 'normal',
  deviation: Math.sqrt(1 / fanIn),
});

/** What is done to a layer's weight before it is used, such as spectral normalisation; the shape stays. */
export type WeightTransform = (weight: Tensor) => Tensor;

/** x [batch, in] -> x W + b [batch, units]. */
export function dense(
  scope: Scope,
  name: string,
  x: Tensor,
  units: number,
  initializer: (fanIn: number) => Initializer = heNormal,
  transform: WeightTransform = (weight) => weight,
): Tensor {
  const inputs = lengthOf(x, 1);
  const weight = scope.parameter(`${name}.weight`, [inputs, units], initializer(inputs));
  return add(matmul(x, transform(weight)), scope.parameter(`${name}.bias`, [units], zeros));
}

/**
 * A weight divided by its largest singular value. Miyato et al., "Spectral normalization" (2018), eq. 8.
 * Their power iteration keeps a vector from step to step; here the Gram matrix of the
 * smaller side is squared six times: 64 iterations anew at every step, for less than one pass over the data.
 */
export function spectralNorm(weight: Tensor): Tensor {
  const columns = lengthOf(weight, -1);
  const rows = elementCount(weight.shape) / columns;
  const matrix = reshape(weight, [rows, columns]);
  const side = Math.min(rows, columns);
  const gram = matmul(matrix, matrix, rows < columns ? { transposeB: true } : { transposeA: true });
  const unit = (x: Tensor): Tensor => divide(x, add(sqrt(reduceSum(square(x))), 1e-12));
  let power = detach(gram);
  for (let i = 0; i < 6; i++) power = matmul(unit(power), unit(power));
  // A high power of the Gram matrix is close to v v', so whatever it is applied to points along v.
  const probe = constant(fillNormal(new Float32Array(side), createRandom('spectral norm')), [side, 1]);
  const direction = detach(unit(matmul(power, probe)));
  return divide(weight, add(sqrt(reduceSum(multiply(direction, matmul(gram, direction)))), 1e-12));
}
