// The entry of a worker thread: a detector of its own, since ONNX Runtime's `run()` blocks the thread that calls it.
// It warms up both of its graphs before it says that it is ready.
import { parentPort, workerData } from 'node:worker_threads';
import type { RowSet } from '../../data/rows.ts';
import { openDetector } from '../../detect/detector.ts';
import { rowFormatOf } from '../rows/format.ts';
import type { Answer, Task, WorkerStart } from './messages.ts';

const { parts, threads } = workerData as WorkerStart;
const detector = openDetector<RowSet>(parts, { threads });
const format = rowFormatOf(parts.manifest.data);

async function work({ kind, values, count }: Pick<Task, 'kind' | 'values' | 'count'>) {
  const rows = format.toRows(values, count);
  if (kind === 'explain') return (await detector.explain(rows)) as Float32Array<ArrayBuffer>;
  const { score, pValue } = await detector.score(rows, { terms: false });
  const result = new Float32Array(2 * count);
  result.set(score);
  result.set(pValue, count);
  return result;
}

const answer = (message: Answer, transfer: ArrayBuffer[] = []): void =>
  parentPort?.postMessage(message, transfer);

parentPort?.on('message', async ({ id, kind, values, count }: Task) => {
  try {
    const result = await work({ kind, values, count });
    answer({ kind: 'done', id, values, result }, [values.buffer, result.buffer]);
  } catch (error) {
    answer({ kind: 'failed', id, values, message: (error as Error).message }, [values.buffer]);
  }
});

const first = format.allocate(1);
await work({ kind: 'score', values: first, count: 1 });
await work({ kind: 'explain', values: first, count: 1 });
answer({ kind: 'ready' });
