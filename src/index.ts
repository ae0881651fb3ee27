// The library: what `import ... from 'oddity'` gives, in Node and in browsers alike.
export type { ImageDataset, ImageSet, ImageShape } from './data/dataset.ts';
export { createDigits } from './data/digits.ts';
export { imagesFromIdx, labelsFromIdx, parseIdx } from './data/idx.ts';
export { toImageSet } from './data/images-from-pixels.ts';
export { resolveClass, rowsOfClasses, selectRows, splitRows } from './data/select.ts';
export type { Detector, GenerateOptions, Scores } from './detect/detector.ts';
export type { Manifest } from './detect/manifest.ts';
export type { Choices } from './detect/settings.ts';
export { load, loadCheckpoint, save, saveCheckpoint } from './detect/storage.ts';
export { type TrainingRecord, type TrainOptions, train, trainSteps } from './detect/train.ts';
export { type ErrorCode, OddityError } from './errors.ts';
export type { Device, SessionOptions } from './runtime/session.ts';
