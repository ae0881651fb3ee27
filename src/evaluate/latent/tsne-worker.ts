// t-SNE in a worker thread of Node: ten thousand points take the better part of a minute, and progress and Ctrl-C must
// stay alive meanwhile. Apart from the algorithm, which runs anywhere.
import { Worker } from 'node:worker_threads';
import { OddityError } from '../../errors.ts';
import type { Points } from '../generation/points.ts';
import type { TsneOptions } from './tsne.ts';

export interface TsneWorkerOptions extends TsneOptions {
  readonly signal?: AbortSignal;
  /** Share done, 0..1. */
  readonly onProgress?: (share: number) => void;
}

/** What the thread is started with, and what it says. */
export interface TsneTask {
  readonly points: Points;
  readonly options: TsneOptions;
}
export type TsneMessage =
  | { readonly kind: 'progress'; readonly share: number }
  | { readonly kind: 'done'; readonly map: Float32Array }
  | { readonly kind: 'failed'; readonly code: OddityError['code'] | undefined; readonly message: string };

/**
 * Starts the thread, which lies beside this file. Compiled it is plain JavaScript; from the sources it needs tsx, whose
 * hooks Node 20 does not hand on to threads.
 */
function startThread(workerData: TsneTask): Worker {
  const thread = new URL(`./tsne-thread${import.meta.url.slice(-3)}`, import.meta.url);
  if (!thread.href.endsWith('.ts')) return new Worker(thread, { workerData });
  const hooks = import.meta.resolve('tsx/esm/api');
  const start = `import('${hooks}').then((hooks) => { hooks.register(); return import('${thread.href}'); });`;
  return new Worker(start, { eval: true, workerData });
}

/** As `tsne`, off this thread. Throws ABORTED at the signal. */
export function tsneInWorker(
  points: Points,
  { signal, onProgress, ...options }: TsneWorkerOptions = {},
): Promise<Float32Array> {
  const aborted = (): unknown => signal?.reason ?? new OddityError('ABORTED', 'stopped while drawing a map');
  if (signal?.aborted) return Promise.reject(aborted());
  const task: TsneTask = { points, options };
  const worker = startThread(task);
  return new Promise<Float32Array>((resolve, reject) => {
    const stop = () => reject(aborted());
    signal?.addEventListener('abort', stop, { once: true });
    worker.on('message', (message: TsneMessage) => {
      if (message.kind === 'progress') onProgress?.(message.share);
      else if (message.kind === 'done') resolve(message.map);
      else reject(message.code ? new OddityError(message.code, message.message) : new Error(message.message));
    });
    worker.on('error', reject);
    worker.on('exit', () => signal?.removeEventListener('abort', stop));
  }).finally(() => worker.terminate());
}
