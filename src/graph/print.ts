// A graph as text, one line per tensor, for tests, documentation and people.
import { type Tensor, topologicalOrder } from './tensor.ts';

/** Prints what `outputs` depend on: `%3 = matmul(%0, %2) transposeB -> [batch, 16]`. */
export function printGraph(outputs: Readonly<Record<string, Tensor>>): string {
  const names = new Map<Tensor, string>();
  const lines = topologicalOrder(Object.values(outputs)).map((tensor, i) => {
    names.set(tensor, `%${i}`);
    const inputs = tensor.inputs.map((each) => names.get(each)).join(', ');
    const details = Object.entries(tensor.attributes).flatMap(([key, value]) => {
      if (value === false) return [];
      if (value === true) return [key];
      if (ArrayBuffer.isView(value)) return [describeValues(value as Float32Array | BigInt64Array)];
      return [`${key}=${Array.isArray(value) ? `[${value.join(', ')}]` : value}`];
    });
    const call = `${tensor.operation}(${inputs})${details.length > 0 ? ` ${details.join(' ')}` : ''}`;
    return `%${i} = ${call} -> ${tensor.dtype === 'float32' ? '' : tensor.dtype}[${tensor.shape.join(', ')}]`;
  });
  for (const [name, tensor] of Object.entries(outputs)) lines.push(`${name}: ${names.get(tensor)}`);
  return lines.join('\n');
}

function describeValues(values: Float32Array | BigInt64Array): string {
  return values.length <= 4 ? `{${values.join(', ')}}` : `{${values.length} values}`;
}
