// The pictures that commands make, and how they reach the disk.

export { type CodePanel, codeScatter } from './code-scatter.ts';
export { modelColour, realColour } from './colours.ts';
export { type ExtremesSheetOptions, extremesSheet } from './extremes-sheet.ts';
export type { Figure, FigureOptions } from './figure.ts';
export { writeFigures } from './figure-files.ts';
export { type GroupedBarsOptions, groupedBars } from './grouped-bars.ts';
export { type ImageSheetOptions, imageSheet } from './image-sheet.ts';
export { type LossPanel, lossPanels } from './loss-panels.ts';
export { type QuantityBarsOptions, quantityBars } from './quantity-bars.ts';
export { type ReconstructionSheetOptions, reconstructionSheet } from './reconstruction-sheet.ts';
export { type RocCurveOptions, rocCurve } from './roc-curve.ts';
export { type SamplePanel, samplePanels } from './sample-panels.ts';
export { type ScoreHistogramOptions, scoreHistogram } from './score-histogram.ts';
export { type SeedSpreadOptions, seedSpread } from './seed-spread.ts';
export { svgToPng } from './svg-to-png.ts';
export { type EpochRecord, type TrainingCurveOptions, trainingCurve } from './training-curve.ts';
export { type WalkStripsOptions, walkStrips } from './walk-strips.ts';
