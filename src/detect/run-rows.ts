// Runs a compiled graph over many rows in batches and gathers its outputs.
import { OddityError } from '../errors.ts';
import { elementCount, type Shape } from '../graph/tensor.ts';
import { type Buffer, createBuffer, type Session, type Texts, type Values } from '../runtime/session.ts';

/** Rows per run: large enough for full matrix products, small enough to bound memory. */
const batchSize = 256;

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
    const feeds: Record<string, Buffer> = {};
    for (const [name, { values, shape }] of Object.entries(inputs)) {
      const size = elementCount(shape);
      const [from, to] = [start * size, (start + rows) * size];
      const part = 'subarray' in values ? values.subarray(from, to) : values.slice(from, to);
      feeds[name] = createBuffer(part, [rows, ...shape]);
    }
    const fetches: Record<string, Buffer> = {};
    for (const [name, size] of sizes) {
      const target = gathered[name]?.subarray(start * size, (start + rows) * size) ?? new Float32Array();
      fetches[name] = createBuffer(target, [rows, ...((outputs[name] ?? []) as number[])]);
    }
    await session.run(feeds, fetches);
    onProgress?.(start + rows, count);
  }
  return gathered;
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
