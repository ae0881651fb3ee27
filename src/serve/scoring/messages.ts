// What a scorer and its worker threads say to each other. Arrays change hands and come back to be used again.
import type { DetectorParts } from '../../detect/detector.ts';
import type { FlatValues } from '../rows/format.ts';

/** What a worker thread is started with. */
export interface WorkerStart {
  readonly parts: DetectorParts;
  /** Threads inside one operation. */
  readonly threads: number;
}

export type TaskKind = 'score' | 'explain';

export interface Task {
  readonly id: number;
  readonly kind: TaskKind;
  readonly count: number;
  readonly values: FlatValues;
}

export type Answer =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'done';
      readonly id: number;
      readonly values: FlatValues;
      /** Scores, then p-values [2, count]; or contributions [count, ...]. */
      readonly result: Float32Array<ArrayBuffer>;
    }
  | { readonly kind: 'failed'; readonly id: number; readonly values: FlatValues; readonly message: string };
