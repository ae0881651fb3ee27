// Runs a small graph once: feeds are plain arrays, results come back as arrays of numbers.
import { elementCount, type Shape, type Tensor } from '../src/graph/tensor.ts';
import { compile, createBuffer } from '../src/runtime/session.ts';

export type Feed = { values: ArrayLike<number>; shape: number[] };

/** Compiles once; `run` may be called often. `batch` is the length of the symbolic dimension in the outputs. */
export async function openGraph<Name extends string>(outputs: Record<Name, Tensor>, batch = 1) {
  const session = await compile(outputs, { threads: 1 });
  const known = (shape: Shape): number[] => shape.map((d) => (typeof d === 'number' ? d : batch));
  const run = async (feeds: Record<string, Feed> = {}): Promise<Record<Name, Float32Array>> => {
    const fetches = mapValues(outputs, ({ shape, dtype }: Tensor) => {
      const length = elementCount(known(shape));
      const values = dtype === 'int64' ? new BigInt64Array(length) : new Float32Array(length);
      return createBuffer(values, known(shape));
    });
    const inputs = mapValues(feeds, ({ values, shape }) => createBuffer(Float32Array.from(values), shape));
    await session.run(inputs, fetches);
    return mapValues(fetches, ({ values }) => values as Float32Array);
  };
  return { run, close: () => session.close() };
}

export async function evaluateGraph<Name extends string>(
  outputs: Record<Name, Tensor>,
  feeds: Record<string, Feed> = {},
  batch = 1,
): Promise<Record<Name, Float32Array>> {
  const graph = await openGraph(outputs, batch);
  try {
    return await graph.run(feeds);
  } finally {
    await graph.close();
  }
}

function mapValues<Name extends string, In, Out>(record: Record<Name, In>, map: (value: In) => Out) {
  return Object.fromEntries(Object.entries<In>(record).map(([name, value]) => [name, map(value)])) as Record<
    Name,
    Out
  >;
}
