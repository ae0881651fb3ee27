// Requests gathered into batches, within a bound on rows and on delay. Pure bookkeeping: who runs a batch is the
// scorer's business.
import { OddityError } from '../../errors.ts';
import type { FlatRows, FlatValues } from '../rows/format.ts';
import type { TaskKind } from './messages.ts';

export interface BatchLimits {
  /** Rows that run at once. */
  readonly maxBatch: number;
  /** Rows that may wait; past them requests are refused. */
  readonly maxQueue: number;
}

/** One request's rows on their way. */
export interface Job {
  readonly kind: TaskKind;
  readonly rows: FlatRows;
  /** Filled piece by piece: scores and p-values, or contributions. */
  readonly results: Float32Array<ArrayBuffer>[];
  /** Rows that are in a batch already, and rows that are answered. */
  begun: number;
  done: number;
  resolve(job: Job): void;
  reject(error: Error): void;
}

/** Rows `from` to `from + count` of a job, at row `at` of a batch. */
export interface Segment {
  readonly job: Job;
  readonly from: number;
  readonly at: number;
  readonly count: number;
}

export interface Batch {
  readonly kind: TaskKind;
  readonly segments: readonly Segment[];
  readonly count: number;
  readonly values: FlatValues;
}

export interface Batcher {
  /** Rows that no batch has taken yet. */
  readonly waiting: number;
  /** Puts a job in the queue. Throws BUSY where the queue is full. */
  add(job: Job): void;
  /** Puts a batch whose worker died back at the head. */
  returnBatch(batch: Batch): void;
  /** The next rows of one kind, copied into an array of `take`; undefined where none wait. */
  next(width: number, take: () => FlatValues): Batch | undefined;
  /** Refuses everything that waits. */
  rejectAll(error: Error): void;
}

export function createBatcher({ maxBatch, maxQueue }: BatchLimits): Batcher {
  let queue: Job[] = [];
  let head = 0;
  let waiting = 0;
  return {
    get waiting() {
      return waiting;
    },
    add(job) {
      const { count } = job.rows;
      if (waiting > 0 && waiting + count > maxQueue) {
        throw new OddityError(
          'BUSY',
          `${waiting} rows are waiting, the most are ${maxQueue}; try again in a second`,
        );
      }
      queue.push(job);
      waiting += count;
    },
    returnBatch({ segments }) {
      const jobs = segments.map(({ job, from, count }) => {
        job.begun = Math.min(job.begun, from);
        waiting += count;
        return job;
      });
      queue = [...jobs.filter((job) => !queue.includes(job, head)), ...queue.slice(head)];
      head = 0;
    },
    next(width, take) {
      const kind = queue[head]?.kind;
      if (kind === undefined) return undefined;
      const values = take();
      const segments: Segment[] = [];
      let count = 0;
      for (let job = queue[head]; job?.kind === kind && count < maxBatch; job = queue[head]) {
        const rows = Math.min(job.rows.count - job.begun, maxBatch - count);
        const from = job.begun;
        const whole = from === 0 && rows === job.rows.count;
        values.set(
          whole ? job.rows.values : job.rows.values.subarray(from * width, (from + rows) * width),
          count * width,
        );
        segments.push({ job, from, at: count, count: rows });
        job.begun += rows;
        count += rows;
        if (job.begun === job.rows.count) head++;
      }
      if (head > 1024 || head === queue.length) {
        queue = queue.slice(head);
        head = 0;
      }
      waiting -= count;
      return { kind, segments, count, values };
    },
    rejectAll(error) {
      for (const job of queue.slice(head)) job.reject(error);
      [queue, head, waiting] = [[], 0, 0];
    },
  };
}
