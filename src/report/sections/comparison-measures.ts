// What models are compared by: for each measure its words, which way is better, and where it is found.
import type { Detection } from '../../evaluate/exhibition/detection.ts';
import type { ModelExhibit } from '../../evaluate/exhibition/records.ts';
import type { GenerationMeasures } from '../../evaluate/generation/measure.ts';
import { formatDuration, formatNumber, formatShare } from '../format.ts';

/** A row of the table: what it measures, which way is better, and how it is told. */
export interface Measure<Model> {
  readonly name: string;
  readonly note: string;
  readonly format: (value: number) => string;
  /** Which model is the best: none where it says nothing, or where all are alike. */
  readonly better?: 'higher' | 'lower' | 'nearer to 1';
  readonly of: (model: Model) => number | undefined;
  /** What real images reach, through the classifier. */
  readonly real?: (measures: GenerationMeasures) => number;
}

export interface MeasureGroup<Model> {
  readonly title: string;
  readonly measures: readonly Measure<Model>[];
}

const three = (value: number): string => value.toFixed(3);
const four = (value: number): string => value.toFixed(4);
const drawn =
  (value: (measures: GenerationMeasures) => number): Measure<ModelExhibit>['of'] =>
  ({ measures }) =>
    measures && value(measures);

/** Of any rows: what needs scores alone. */
export const detectionMeasures: MeasureGroup<{ readonly detection: Detection }> = {
  title: 'Detection',
  measures: [
    {
      name: 'AUROC',
      note: 'higher is better',
      better: 'higher',
      format: four,
      of: ({ detection }) => detection.truth?.metrics.auroc,
    },
    {
      name: 'average precision',
      note: 'higher is better',
      better: 'higher',
      format: four,
      of: ({ detection }) => detection.truth?.metrics.averagePrecision,
    },
    {
      name: 'caught at the threshold',
      note: 'higher is better',
      better: 'higher',
      format: formatShare,
      of: ({ detection }) => detection.truth?.recall,
    },
    {
      name: 'false alarms at the threshold',
      note: 'near what was asked for',
      format: formatShare,
      of: ({ detection }) => detection.truth?.falseAlarmRate,
    },
  ],
};

/** What a training on images comes to. */
export const imageMeasures: readonly MeasureGroup<ModelExhibit>[] = [
  detectionMeasures,
  {
    title: 'Images drawn',
    measures: [
      {
        name: 'Fréchet distance',
        note: 'lower is better',
        better: 'lower',
        format: (value) => value.toFixed(1),
        of: drawn((m) => m.frechet),
        real: (m) => m.frechet,
      },
      {
        name: 'precision',
        note: 'higher is better',
        better: 'higher',
        format: three,
        of: drawn((m) => m.precision),
        real: (m) => m.precision,
      },
      {
        name: 'recall',
        note: 'higher is better',
        better: 'higher',
        format: three,
        of: drawn((m) => m.recall),
        real: (m) => m.recall,
      },
      {
        name: 'coverage',
        note: 'higher is better',
        better: 'higher',
        format: three,
        of: drawn((m) => m.coverage),
        real: (m) => m.coverage,
      },
      {
        name: 'diversity',
        note: '1 is as diverse as real images',
        better: 'nearer to 1',
        format: three,
        of: ({ measures, watched }) => measures?.diversity ?? watched?.diversity,
        real: (m) => m.diversity,
      },
      {
        name: 'near-duplicates',
        note: '1% for real images',
        format: formatShare,
        of: ({ measures, watched }) => measures?.nearDuplicates ?? watched?.nearDuplicates,
        real: (m) => m.nearDuplicates,
      },
      {
        name: 'sharpness',
        note: '1 is as sharp as real images',
        better: 'nearer to 1',
        format: three,
        of: ({ sharpness }) => sharpness,
        real: (m) => m.sharpness,
      },
      {
        name: 'memory',
        note: 'well below 1: learnt by heart',
        format: three,
        of: ({ memorisation }) => memorisation,
        real: (m) => m.memorisation,
      },
    ],
  },
  {
    title: 'Stability',
    measures: [
      {
        name: 'swing of the losses',
        note: 'from epoch to epoch, over their size; lower is steadier',
        better: 'lower',
        format: three,
        of: ({ oscillation }) => oscillation,
      },
      {
        name: 'epochs with a warning',
        note: 'images too few or too alike',
        better: 'lower',
        format: formatNumber,
        of: ({ manifest: { history } }) =>
          history.some(({ watched }) => watched !== undefined)
            ? history.filter(({ watched }) => watched?.warning !== undefined).length
            : undefined,
      },
      {
        name: 'classes never drawn',
        note: 'after the last epoch',
        better: 'lower',
        format: formatNumber,
        of: ({ watched }) => watched?.missingClasses,
      },
    ],
  },
  {
    title: 'Latent space',
    measures: [
      {
        name: 'neighbours of the same class',
        note: 'higher is better',
        better: 'higher',
        format: formatShare,
        of: ({ map }) => map.measures.neighbourAccuracy,
      },
      {
        name: 'silhouette of the classes',
        note: 'higher is better',
        better: 'higher',
        format: three,
        of: ({ map }) => map.measures.silhouette,
      },
      {
        name: 'distance of codes to the prior',
        note: 'squared, per dimension; lower is better',
        better: 'lower',
        format: three,
        of: ({ map }) => map.measures.priorDistance / map.dimension,
      },
      {
        name: 'length of walks',
        note: '1 is as far as two real images differ; lower is smoother',
        better: 'lower',
        format: (value) => value.toFixed(2),
        of: ({ paths }) => paths?.pathLength,
      },
      {
        name: 'unevenness of walks',
        note: '1 for even steps',
        better: 'lower',
        format: (value) => value.toFixed(2),
        of: ({ paths }) => paths?.unevenness,
      },
      {
        name: 'reconstruction error',
        note: 'squared, per pixel; lower is better',
        better: 'lower',
        format: four,
        of: ({ reconstructionError }) => reconstructionError,
      },
    ],
  },
  {
    title: 'Cost',
    measures: [
      {
        name: 'training',
        note: 'lower is cheaper',
        better: 'lower',
        format: formatDuration,
        of: ({ manifest }) => manifest.seconds,
      },
      {
        name: 'images seen in training',
        note: '',
        format: formatNumber,
        of: ({ manifest }) => manifest.training.epochs * manifest.data.rows.training,
      },
      { name: 'weights', note: '', format: formatNumber, of: ({ parameters }) => parameters },
      {
        name: 'images drawn per second',
        note: 'higher is better',
        better: 'higher',
        format: formatNumber,
        of: ({ speeds }) => speeds.drawn,
      },
      {
        name: 'images scored per second',
        note: 'higher is better',
        better: 'higher',
        format: formatNumber,
        of: ({ speeds }) => speeds.scored,
      },
    ],
  },
];
