// What a training run is told, and what it tells while it goes on.
import type { GenerativeModel } from '../models/model.ts';
import type { SessionOptions } from '../runtime/session.ts';
import type { EpochRecord, StepRecord } from './fit.ts';
import type { TensorFile } from './safetensors.ts';
import type { Choices } from './settings.ts';

export interface TrainOptions extends Choices {
  /** What the data is called in the manifest. */
  readonly name?: string;
  readonly classNames?: readonly string[];
  /** The classes that the rows were chosen from, for the record. */
  readonly normalClasses?: readonly number[];
  /** What the reader of the rows must know to read such rows again, kept in the manifest. */
  readonly source?: Readonly<Record<string, unknown>>;
  readonly session?: SessionOptions;
  readonly signal?: AbortSignal;
  /** Looks at the model after each epoch; what it says goes into the records and the history. */
  readonly watch?: (moment: WatchedModel) => Promise<EpochWatch>;
  /**
   * A checkpoint of an earlier run over the same rows: it goes on where that one stood, bit for bit unless
   * `learningRate` is given too.
   */
  readonly resume?: TensorFile;
}

/** A model in training, as it would be if it stopped here. */
export interface WatchedModel {
  readonly model: GenerativeModel;
  /** One flat vector in the model's layout. */
  readonly weights: Float32Array;
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
}

/** What a look at a model in training shows. */
export interface EpochWatch {
  readonly measures: Readonly<Record<string, number>>;
  /** What is wrong, in words, where something is. */
  readonly warning?: string;
}

/** Where the work stands; `progress` runs from 0 to 1 over all of it. */
export type TrainingRecord =
  | (StepRecord & { readonly member: number; readonly members: number; readonly progress: number })
  | (Omit<EpochRecord, 'checkpoint'> & {
      readonly watched?: EpochWatch;
      readonly member: number;
      readonly members: number;
      readonly progress: number;
      /** Everything needed to resume, made on request and valid until the generator goes on. */
      checkpoint(): TensorFile;
    })
  | { readonly kind: 'calibrating' };
