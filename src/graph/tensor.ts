// The symbolic tensor: a node of a computation that has not happened yet.
// Everything in this room is data and pure functions; nothing here knows a runtime.

/** A length, or the name of one that is known only when the graph runs (`'batch'`). */
export type Dimension = number | string;
export type Shape = readonly Dimension[];
export type DataType = 'float32' | 'uint8' | 'int64' | 'string';

/** What each operation carries besides its inputs. Adding a row here makes the compiler ask for its rules. */
export interface Operations {
  // leaves
  input: { readonly name: string };
  constant: { readonly values: Float32Array | BigInt64Array };
  // one tensor in, same shape out
  negate: None;
  exp: None;
  log: None;
  sqrt: None;
  absolute: None;
  tanh: None;
  sigmoid: None;
  softplus: None;
  relu: None;
  leakyRelu: { readonly slope: number };
  isPositive: None;
  toFloat: None;
  toIndex: None;
  isMissing: None;
  categoryCode: { readonly keys: readonly string[] };
  detach: None;
  // two tensors in, shapes broadcast
  add: None;
  subtract: None;
  multiply: None;
  divide: None;
  maximum: None;
  minimum: None;
  replaceMissing: None;
  // along axes
  reduceSum: { readonly axes: readonly number[] };
  reduceMax: { readonly axes: readonly number[] };
  smallest: { readonly count: number };
  smallestIndices: { readonly count: number };
  // layout
  reshape: None;
  broadcast: None;
  transpose: { readonly permutation: readonly number[] };
  concat: { readonly axis: number };
  slice: { readonly axis: number; readonly start: number; readonly end: number };
  pad: { readonly before: readonly number[]; readonly after: readonly number[] };
  reverse: { readonly axis: number };
  gatherRows: None;
  // linear maps
  matmul: { readonly transposeA: boolean; readonly transposeB: boolean };
  conv: { readonly padding: number };
  convWeight: { readonly padding: number };
}
type None = Readonly<Record<never, never>>;

export type OperationName = keyof Operations;

/** A node with its operation, so that `tensor.operation === 'pad'` tells the type of its attributes. */
export type TensorOf<Name extends OperationName> = {
  [Each in Name]: {
    readonly operation: Each;
    readonly attributes: Operations[Each];
    readonly inputs: readonly Tensor[];
    readonly shape: Shape;
    readonly dtype: DataType;
  };
}[Name];
export type Tensor = TensorOf<OperationName>;

/** Every tensor that `outputs` depend on, inputs before users. Iterative: deep graphs do not overflow the stack. */
export function topologicalOrder(outputs: readonly Tensor[]): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  const stack: { tensor: Tensor; next: number }[] = [];
  for (const output of outputs) {
    if (seen.has(output)) continue;
    seen.add(output);
    stack.push({ tensor: output, next: 0 });
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const input = top.tensor.inputs[top.next++];
      if (input === undefined) {
        order.push(top.tensor);
        stack.pop();
      } else if (!seen.has(input)) {
        seen.add(input);
        stack.push({ tensor: input, next: 0 });
      }
    }
  }
  return order;
}

/** The number of elements of a fully known shape. */
export function elementCount(shape: Shape): number {
  let count = 1;
  for (const dimension of shape) {
    if (typeof dimension === 'string') {
      throw new RangeError(`The size of [${shape.join(', ')}] is known only when the graph runs.`);
    }
    count *= dimension;
  }
  return count;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, axis) => dimension === b[axis]);
}
