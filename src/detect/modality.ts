// How raw rows of one kind enter a detector's graphs, and how its answers come back as rows: images here, tables in
// table-modality.ts. Everything else in this room treats them alike.
import type { RowSet } from '../data/rows.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { Domain } from '../models/domain.ts';
import type { SessionOptions } from '../runtime/session.ts';
import type { RowsInput, RunRowsOptions } from './run-rows.ts';

/** Rows as training keeps them: the bytes of images, or the features of a table [count, size]. */
export interface StoredRows {
  readonly count: number;
  readonly values: Uint8Array | Float32Array;
  /** One class index per row, for conditional models. */
  readonly labels?: Uint8Array;
}

export interface Modality {
  readonly domain: Domain;
  /** The raw inputs of `detector.onnx` and `encoder.onnx`, one row each along 'batch'. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  /** From them the rows as models see them [batch, ...domain.shape]. */
  readonly rows: Tensor;
  /** Oriented gradients of images as models see them [batch, length]; tables have none. */
  edges?(rows: Tensor): Tensor;
  /** Whether distances between rows are taken without their correlations. */
  readonly isWhitened: boolean;
  /** What the inputs are, for readers of the .onnx file. */
  readonly documentation: string;
  /** The inputs of a set of rows. Throws BAD_DATA for rows of another kind or shape. */
  feed(rows: RowSet): Readonly<Record<string, RowsInput>>;
  /** Rows ready for training. */
  store(rows: RowSet, run: RunRowsOptions & { readonly session?: SessionOptions }): Promise<StoredRows>;
  /** Rows from a model's own [count, size]. */
  restore(values: Float32Array): RowSet;
  /** Shape of one row's contributions: the image's, or one for each column. */
  readonly contributionShape: readonly number[];
  /** Contributions per model value [batch, size] as [batch, ...contributionShape]. */
  gather(contributions: Tensor): Tensor;
}
