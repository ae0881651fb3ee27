// What a classical baseline is: something fitted to dense rows, already scaled by the caller, that then scores others.

/** Dense rows [count, width], row-major. */
export interface DenseRows {
  readonly values: Float32Array;
  readonly count: number;
  readonly width: number;
}

export interface BaselineOptions {
  /** Equal seeds give equal scores; only the isolation forest draws. */
  readonly seed: number | string;
  /** Stops the fitting, and later the scoring, with ABORTED. */
  readonly signal?: AbortSignal;
}

/**
 * One anomaly score for each row [count]; higher is more anomalous, and a row's score depends on that row alone.
 * Throws BAD_DATA for rows of another width than in training or not finite, and ABORTED.
 */
export type Scorer = (rows: DenseRows) => Promise<Float32Array>;

export interface Baseline {
  /** Name and source. */
  readonly title: string;
  /** Learns from normal rows. Throws BAD_DATA for rows that it cannot learn from, and ABORTED. */
  fit(training: DenseRows, options: BaselineOptions): Promise<Scorer>;
}
