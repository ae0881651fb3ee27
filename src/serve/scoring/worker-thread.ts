// Starting the worker thread: its compiled file as it is, or its source through tsx, which a thread of Node 20 does
// not take over from the process that starts it.
import { Worker } from 'node:worker_threads';
import type { WorkerStart } from './messages.ts';

export function startWorkerThread(workerData: WorkerStart): Worker {
  if (import.meta.url.endsWith('.js')) {
    return new Worker(new URL('./worker.js', import.meta.url), { workerData });
  }
  const [loader, entry] = ['tsx/esm/api', './worker.ts'].map((name) => import.meta.resolve(name));
  const source = `import('${loader}').then(({ register }) => { register(); return import('${entry}'); })`;
  return new Worker(source, { eval: true, workerData });
}
