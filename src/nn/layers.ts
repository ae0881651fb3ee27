// Layers: functions that ask a scope for their weights and return a symbolic tensor.
import { add, lengthOf, matmul } from '../graph/operations.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Initializer, Scope } from './parameters.ts';

const zeros: Initializer = { kind: 'zeros' };

/** Normal with variance 2 / fanIn: keeps the scale through ReLU layers (He et al. 2015, eq. 10). */
export const heNormal = (fanIn: number): Initializer => ({ kind: 'normal', deviation: Math.sqrt(2 / fanIn) });
/** Normal with variance 1 / fanIn: keeps the scale through linear layers (LeCun et al. 1998). */
export const lecunNormal = (fanIn: number): Initializer => ({
  kind: 'normal',
  deviation: Math.sqrt(1 / fanIn),
});

/** x [batch, in] -> x W + b [batch, units]. */
export function dense(
  scope: Scope,
  name: string,
  x: Tensor,
  units: number,
  initializer: (fanIn: number) => Initializer = heNormal,
): Tensor {
  const inputs = lengthOf(x, 1);
  const weight = scope.parameter(`${name}.weight`, [inputs, units], initializer(inputs));
  return add(matmul(x, weight), scope.parameter(`${name}.bias`, [units], zeros));
}
