// The pictures that commands make, and how they reach the disk.

export { type ExtremesSheetOptions, extremesSheet } from './extremes-sheet.ts';
export type { Figure, FigureOptions } from './figure.ts';
export { writeFigures } from './figure-files.ts';
export { type ImageSheetOptions, imageSheet } from './image-sheet.ts';
export { type ReconstructionSheetOptions, reconstructionSheet } from './reconstruction-sheet.ts';
export { type RocCurveOptions, rocCurve } from './roc-curve.ts';
export { type ScoreHistogramOptions, scoreHistogram } from './score-histogram.ts';
export { svgToPng } from './svg-to-png.ts';
export { type EpochRecord, type TrainingCurveOptions, trainingCurve } from './training-curve.ts';
