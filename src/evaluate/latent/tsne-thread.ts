// The thread that tsne-worker starts: runs t-SNE over what it is given and says how far it is.
import { parentPort, workerData } from 'node:worker_threads';
import { OddityError } from '../../errors.ts';
import { tsne } from './tsne.ts';
import type { TsneMessage, TsneTask } from './tsne-worker.ts';

const tell = (message: TsneMessage): void => parentPort?.postMessage(message);
const { points, options } = workerData as TsneTask;
try {
  const steps = tsne(points, options);
  let next = steps.next();
  for (; !next.done; next = steps.next()) tell({ kind: 'progress', share: next.value });
  tell({ kind: 'done', map: next.value });
} catch (error) {
  const code = error instanceof OddityError ? error.code : undefined;
  tell({ kind: 'failed', code, message: error instanceof Error ? error.message : String(error) });
}
