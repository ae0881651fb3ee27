// Runs a compiled graph over many rows in batches and gathers its outputs.
import { OddityError } from '../errors.ts';
import { elementCount, type Shape } from '../graph/tensor.ts';
import { type Buffer, createBuffer, type Session, type Texts, type Values } from '../runtime/session.ts';

/** Rows per run: large enough for full matrix products, small enough to bound memory. */
const batchSize = 256;
/**
 * Runs have a multiple of so many rows, the last row repeated: the runtime's vector instructions leave a remainder to
 * scalar code that rounds otherwise, and a row must get the same score, bit for bit, whatever rows are beside it.
 */
const lane = 16;

export interface RowsInput {
  readonly values: Values | Texts;
  /** Shape of one row. */
  readonly shape: readonly number[];
}
/** The shape of one row of each output; all outputs are float32. */
export type OutputShapes = Readonly<Record<string, Shape>>;

export interface RunRowsOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Feeds `inputs` row by row (batched) and returns each output for all rows, flat. */
export async function runRows(
  session: Session,
  count: number,
  inputs: Readonly<Record<string, RowsInput>>,
  outputs: OutputShapes,
  { signal, onProgress }: RunRowsOptions = {},
): Promise<Record<string, Float32Array>> {
  const gathered: Record<string, Float32Array> = {};
  const sizes = new Map(Object.entries(outputs).map(([name, shape]) => [name, elementCount(shape)]));
  for (const [name, size] of sizes) gathered[name] = new Float32Array(count * size);
  const pause = createPause();
  for (let start = 0; start < count; start += batchSize) {
    await pause();
    if (signal?.aborted) throw new OddityError('ABORTED', 'Stopped before all rows were done.');
    const rows = Math.min(batchSize, count - start);
    const padded = Math.ceil(rows / lane) * lane;
    const feeds: Record<string, Buffer> = {};
    for (const [name, { values, shape }] of Object.entries(inputs)) {
      const size = elementCount(shape);
      const [from, to] = [start * size, (start + rows) * size];
      const part = 'subarray' in values ? values.subarray(from, to) : values.slice(from, to);
      feeds[name] = createBuffer(padRows(part, size, padded), [padded, ...shape]);
    }
    const fetches: Record<string, Buffer & { readonly values: Float32Array }> = {};
    for (const [name, size] of sizes) {
      const target =
        padded === rows ? gathered[name]?.subarray(start * size, (start + rows) * size) : undefined;
      fetches[name] = createBuffer(target ?? new Float32Array(padded * size), [
        padded,
        ...((outputs[name] ?? []) as number[]),
      ]);
    }
    await session.run(feeds, fetches);
    if (padded > rows) {
      for (const [name, size] of sizes) {
        const values = fetches[name]?.values.subarray(0, rows * size);
        if (values !== undefined) gathered[name]?.set(values, start * size);
      }
    }
    onProgress?.(start + rows, count);
  }
  return gathered;
}

/** Rows of `size` values each, with the last one repeated up to `count` rows. */
function padRows(values: Values | Texts, size: number, count: number): Values | Texts {
  const { length } = values;
  if (length === count * size) return values;
  if (!('subarray' in values)) {
    return Array.from({ length: count * size }, (_, i) =>
      i < length ? (values[i] ?? '') : (values[length - size + (i % size)] ?? ''),
    );
  }
  const padded = new (values.constructor as new (length: number) => Float32Array)(count * size);
  padded.set(values as Float32Array);
  const last = (values as Float32Array).subarray(length - size);
  for (let at = length; at < padded.length; at += size) padded.set(last, at);
  return padded;
}

/** Native runs block the event loop: let timers, signals and progress bars in a few times per second. */
export function createPause(milliseconds = 40): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < milliseconds) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    last = performance.now();
  };
}
