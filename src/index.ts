// The library: what `import ... from 'oddity'` gives, in Node and in browsers alike.
export type { ImageDataset, ImageSet, ImageShape } from './data/dataset.ts';
export { createDigits } from './data/digits.ts';
export { imagesFromIdx, labelsFromIdx, parseIdx } from './data/idx.ts';
export { toImageSet } from './data/images-from-pixels.ts';
export type { RowSet } from './data/rows.ts';
export { resolveClass, rowsOfClasses, selectRows, splitRows } from './data/select.ts';
export { selectTableRows, type TableColumn, type TableSet } from './data/table.ts';
export {
  type SimulationOptions,
  simulateTransactions,
  transactionsCsv,
} from './data/transactions.ts';
export type { Detector, GenerateOptions, Scores } from './detect/detector.ts';
export type { Manifest } from './detect/manifest.ts';
export type { Choices } from './detect/settings.ts';
export { load, loadCheckpoint, save, saveCheckpoint } from './detect/storage.ts';
export {
  type EpochWatch,
  type TrainingRecord,
  type TrainOptions,
  train,
  trainSteps,
  type WatchedModel,
} from './detect/train.ts';
export { type ErrorCode, OddityError } from './errors.ts';
export { baselines } from './evaluate/baselines/index.ts';
export { type CompareOptions, compareModels } from './evaluate/compare.ts';
export type { Comparison, ComparisonRecord } from './evaluate/comparison/records.ts';
export {
  type Classifier,
  type ClassifierOptions,
  type Looks,
  openClassifier,
} from './evaluate/generation/classifier.ts';
export {
  type GenerationMeasures,
  type GenerationOptions,
  measureGeneration,
  type RealImages,
  type ReferenceRow,
  referenceRows,
} from './evaluate/generation/measure.ts';
export { type DetectionMetrics, detectionMetrics } from './evaluate/metrics.ts';
export { createModeWatch, type ModeWatch, type ModeWatchOptions } from './evaluate/mode-watch.ts';
export { rankCorrelation } from './evaluate/rank-correlation.ts';
export type { Device, SessionOptions } from './runtime/session.ts';
