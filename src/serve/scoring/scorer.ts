// One version of a detector at work: worker threads that score batches, and the queue before them.
import type { Worker } from 'node:worker_threads';
import type { Detector } from '../../detect/detector.ts';
import { OddityError } from '../../errors.ts';
import { type FlatRows, type FlatValues, type RowFormat, rowFormatOf } from '../rows/format.ts';
import { type Batch, createBatcher, type Job } from './batcher.ts';
import type { Answer, Task, TaskKind } from './messages.ts';
import { startWorkerThread } from './worker-thread.ts';

export interface ScorerOptions {
  /** Worker threads; 1 unless given. */
  readonly workers?: number;
  /** Threads inside one operation of one worker; 1 unless given. */
  readonly threads?: number;
  /** Rows that run at once; 256 unless given. */
  readonly maxBatch?: number;
  /** How long a row may wait for company, in milliseconds; with 0 (the default) only for those that came with it. */
  readonly maxDelayMs?: number;
  /** Rows that may wait; past them requests are refused as BUSY. 16,384 unless given. */
  readonly maxQueue?: number;
  readonly onBatch?: (rows: number) => void;
}

export interface FlatScores {
  readonly score: Float32Array;
  readonly pValue: Float32Array;
}

export interface Scorer {
  readonly format: RowFormat;
  /** Scores flat rows. Throws BUSY where too many wait. */
  score(rows: FlatRows): Promise<FlatScores>;
  /** Contributions [count, width], each row's summing to its score. Throws BUSY. */
  explain(rows: FlatRows): Promise<Float32Array>;
  /** Rows that wait for a worker. */
  readonly waiting: number;
  /** Resolves when everything accepted is answered and the threads have ended. */
  close(): Promise<void>;
}

/** A worker may die so many times in a row, without an answer between, before its rows are given up. */
const mostDeaths = 3;

/** Starts the worker threads of a detector; resolves when they are warm. Throws BAD_DETECTOR where they cannot run it. */
export async function startScorer(
  { parts }: Pick<Detector, 'parts'>,
  options: ScorerOptions = {},
): Promise<Scorer> {
  const { workers = 1, threads = 1, maxBatch = 256, maxDelayMs = 0, maxQueue = 16_384, onBatch } = options;
  const format = rowFormatOf(parts.manifest.data);
  const batcher = createBatcher({ maxBatch, maxQueue });
  const spare: FlatValues[] = [];
  const takeArray = (): FlatValues => spare.pop() ?? format.allocate(maxBatch);
  const seats: Seat[] = [];
  let closing: (() => void) | undefined;
  let deaths = 0;
  let nextId = 0;
  let scheduled = false;

  const dispatch = (): void => {
    scheduled = false;
    for (const seat of seats) {
      // A second batch waits at a busy worker only where it is full: else the rows wait for company here.
      while (
        seat.ready &&
        (seat.flying.size === 0 || (seat.flying.size < 2 && batcher.waiting >= maxBatch))
      ) {
        const batch = batcher.next(format.width, takeArray);
        if (batch === undefined) return;
        const task: Task = { id: nextId++, kind: batch.kind, count: batch.count, values: batch.values };
        seat.flying.set(task.id, batch);
        seat.worker.postMessage(task, [batch.values.buffer]);
        onBatch?.(batch.count);
      }
    }
  };
  const schedule = (): void => {
    if (scheduled) return;
    if (batcher.waiting >= maxBatch) {
      dispatch();
      return;
    }
    scheduled = true;
    if (maxDelayMs > 0) setTimeout(dispatch, maxDelayMs);
    else setImmediate(dispatch);
  };
  const finish = (seat: Seat, id: number): Batch | undefined => {
    const batch = seat.flying.get(id);
    seat.flying.delete(id);
    return batch;
  };
  const settle = (): void => {
    if (closing !== undefined && batcher.waiting === 0 && seats.every(({ flying }) => flying.size === 0))
      closing();
  };
  const receive = (seat: Seat, answer: Answer): void => {
    if (answer.kind === 'ready') {
      seat.ready = true;
      seat.started.resolve();
      dispatch();
      return;
    }
    deaths = 0;
    if (spare.length < 2 * workers) spare.push(answer.values);
    const batch = finish(seat, answer.id);
    if (batch !== undefined) {
      if (answer.kind === 'done') deliver(batch, answer.result);
      else for (const { job } of batch.segments) job.reject(new Error(answer.message));
    }
    if (!scheduled) dispatch();
    settle();
  };
  const start = (place: number): Promise<void> => {
    const worker = startWorkerThread({ parts, threads });
    const seat: Seat = { worker, ready: false, flying: new Map(), started: createDeferred() };
    seats[place] = seat;
    let cause: unknown;
    worker.on('message', (answer: Answer) => receive(seat, answer));
    worker.on('error', (error) => {
      cause = error;
    });
    worker.on('exit', () => {
      if (seats[place] !== seat) return;
      if (!seat.ready) {
        const message = `the detector does not run: ${(cause as Error | undefined)?.message ?? 'its worker thread ended'}`;
        seat.started.reject(new OddityError('BAD_DETECTOR', message, { cause }));
      }
      seat.ready = false;
      deaths++;
      for (const batch of seat.flying.values()) {
        if (deaths < mostDeaths) batcher.returnBatch(batch);
        else for (const { job } of batch.segments) job.reject(new Error(`The worker thread died: ${cause}`));
      }
      if (deaths < mostDeaths) start(place).catch(() => {});
      else batcher.rejectAll(new OddityError('BUSY', 'The worker threads keep dying; restart the server.'));
      settle();
    });
    return seat.started.promise;
  };
  const end = async (): Promise<void> => {
    const ended = seats.splice(0).map(({ worker }) => worker.terminate());
    await Promise.all(ended);
  };
  const submit = (kind: TaskKind, rows: FlatRows): Promise<Job> =>
    new Promise((resolve, reject) => {
      if (closing !== undefined)
        throw new OddityError('BUSY', 'This version of the detector is being replaced.');
      if (deaths >= mostDeaths)
        throw new OddityError('BUSY', 'The worker threads keep dying; restart the server.');
      batcher.add({ kind, rows, results: [], begun: 0, done: 0, resolve, reject });
      schedule();
    });
  await Promise.all(Array.from({ length: workers }, (_, place) => start(place))).catch(async (error) => {
    await end();
    throw error;
  });
  return {
    format,
    get waiting() {
      return batcher.waiting;
    },
    async score(rows) {
      const { results } = await submit('score', rows);
      return { score: results[0] ?? new Float32Array(), pValue: results[1] ?? new Float32Array() };
    },
    async explain(rows) {
      return (await submit('explain', rows)).results[0] ?? new Float32Array();
    },
    async close() {
      if (closing === undefined) {
        await new Promise<void>((resolve) => {
          closing = resolve;
          settle();
        });
      }
      await end();
    },
  };
}

interface Seat {
  readonly worker: Worker;
  ready: boolean;
  /** Batches that the worker has, by task. */
  readonly flying: Map<number, Batch>;
  readonly started: Deferred;
}

interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: Error): void;
}

function createDeferred(): Deferred {
  let settle: Pick<Deferred, 'resolve' | 'reject'> | undefined;
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, resolve: () => settle?.resolve(), reject: (error) => settle?.reject(error) };
}

/** Hands each job its piece of a batch's result. */
function deliver({ kind, segments, count }: Batch, result: Float32Array<ArrayBuffer>): void {
  const lists = kind === 'score' ? 2 : 1;
  const size = result.length / (lists * count);
  for (const { job, from, at, count: rows } of segments) {
    const pieces = Array.from({ length: lists }, (_, list) => {
      const start = (list * count + at) * size;
      return result.subarray(start, start + rows * size);
    });
    if (rows === job.rows.count) job.results.push(...pieces);
    else {
      for (const [list, piece] of pieces.entries()) {
        job.results[list] ??= new Float32Array(job.rows.count * size);
        job.results[list].set(piece, from * size);
      }
    }
    job.done += rows;
    if (job.done === job.rows.count) job.resolve(job);
  }
}
