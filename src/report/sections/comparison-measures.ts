// What models are compared by: for each measure its words, which way is better, and where it is found. Of one training
// each in a report, of one for each seed in a comparison.
import { detectionOver, oscillationOf, overRuns, trainedRuns } from '../../evaluate/claims.ts';
import type { ComparedModel, LatentRow } from '../../evaluate/comparison/records.ts';
import { type Spread, spreadOf } from '../../evaluate/comparison/spread.ts';
import type { Detection } from '../../evaluate/exhibition/detection.ts';
import type { ModelExhibit } from '../../evaluate/exhibition/records.ts';
import type { TableModelExhibit } from '../../evaluate/exhibition/table-exhibit.ts';
import type { GenerationMeasures } from '../../evaluate/generation/measure.ts';
import { formatDuration, formatNumber, formatShare } from '../format.ts';

/** How a measure is told. */
interface MeasureWords {
  readonly name: string;
  readonly note: string;
  readonly format: (value: number) => string;
  /** Which model is the best: none where it says nothing, or where all are alike. */
  readonly better?: 'higher' | 'lower' | 'nearer to 1';
}

/** A row of the table. */
export interface Measure<Model> extends MeasureWords {
  /** Of one training, or over several. */
  readonly of: (model: Model) => number | Spread | undefined;
  /** What real images reach, through the classifier. */
  readonly real?: (measures: GenerationMeasures) => number | undefined;
}

export interface MeasureGroup<Model> {
  readonly title: string;
  readonly measures: readonly Measure<Model>[];
}

/** A measure found in a record of numbers. */
interface Found<Record> extends MeasureWords {
  readonly value: (record: Partial<Record>) => number | undefined;
}

const three = (value: number): string => value.toFixed(3);
const four = (value: number): string => value.toFixed(4);
const higher = { note: 'higher is better', better: 'higher' } as const;
const lower = { note: 'lower is better', better: 'lower' } as const;

const ofImages: readonly Found<GenerationMeasures>[] = [
  { name: 'Fréchet distance', ...lower, format: (value) => value.toFixed(1), value: (m) => m.frechet },
  { name: 'precision', ...higher, format: three, value: (m) => m.precision },
  { name: 'recall', ...higher, format: three, value: (m) => m.recall },
  { name: 'coverage', ...higher, format: three, value: (m) => m.coverage },
  {
    name: 'of the class asked for',
    ...higher,
    format: formatShare,
    value: (m) => m.agreement,
  },
  {
    name: 'diversity',
    note: '1 is as diverse as real images',
    better: 'nearer to 1',
    format: three,
    value: (m) => m.diversity,
  },
  {
    name: 'near-duplicates',
    note: '1% for real images',
    format: formatShare,
    value: (m) => m.nearDuplicates,
  },
  {
    name: 'sharpness',
    note: '1 is as sharp as real images',
    better: 'nearer to 1',
    format: three,
    value: (m) => m.sharpness,
  },
  { name: 'memory', note: 'well below 1: learnt by heart', format: three, value: (m) => m.memorisation },
];

const ofLatents: readonly Found<LatentRow>[] = [
  {
    name: 'neighbours of the same class',
    ...higher,
    format: formatShare,
    value: (row) => row.neighbourAccuracy,
  },
  { name: 'silhouette of the classes', ...higher, format: three, value: (row) => row.silhouette },
  {
    name: 'distance of codes to the prior',
    note: 'squared, per dimension; lower is better',
    better: 'lower',
    format: three,
    value: (row) => row.priorDistancePerDimension,
  },
  {
    name: 'length of walks',
    note: '1 is as far as two real images differ; lower is smoother',
    better: 'lower',
    format: (value) => value.toFixed(2),
    value: (row) => row.pathLength,
  },
  {
    name: 'unevenness of walks',
    note: '1 for even steps',
    better: 'lower',
    format: (value) => value.toFixed(2),
    value: (row) => row.unevenness,
  },
  {
    name: 'reconstruction error',
    note: 'squared, per pixel; lower is better',
    better: 'lower',
    format: four,
    value: (row) => row.reconstructionError,
  },
];

const swing: MeasureWords = {
  name: 'swing of the losses',
  note: 'from epoch to epoch, over their size; lower is steadier',
  better: 'lower',
  format: three,
};
const trainingTime: MeasureWords = {
  name: 'training',
  note: 'lower is cheaper',
  better: 'lower',
  format: formatDuration,
};
const weights: MeasureWords = { name: 'weights', note: '', format: formatNumber };
const perSecond = (what: string): MeasureWords => ({
  name: `${what} per second`,
  ...higher,
  format: formatNumber,
});

/** Of any rows: what needs scores alone. */
const detectionMeasures: MeasureGroup<{ readonly detection: Detection }> = {
  title: 'Detection',
  measures: [
    { name: 'AUROC', ...higher, format: four, of: ({ detection }) => detection.truth?.metrics.auroc },
    {
      name: 'average precision',
      ...higher,
      format: four,
      of: ({ detection }) => detection.truth?.metrics.averagePrecision,
    },
    {
      name: 'caught at the threshold',
      ...higher,
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

const mean = (values: readonly (number | undefined)[]): number | undefined =>
  spreadOf(values.filter((value) => value !== undefined))?.mean;

/** What one training on a table comes to. */
export const tableMeasures: readonly MeasureGroup<TableModelExhibit>[] = [
  detectionMeasures,
  {
    title: 'Rows drawn',
    measures: [
      {
        name: 'distance of their columns to real rows',
        note: 'mean largest difference of cumulative shares; lower is better',
        better: 'lower',
        format: three,
        of: ({ generation }) => mean(generation.differences),
      },
      {
        name: 'distance of their correlations',
        note: 'mean absolute difference; lower is better',
        better: 'lower',
        format: three,
        of: ({ generation }) => generation.correlationError,
      },
    ],
  },
  {
    title: 'Cost',
    measures: [
      { ...trainingTime, of: ({ manifest }) => manifest.seconds },
      { ...weights, of: ({ parameters }) => parameters },
      { ...perSecond('rows scored'), of: ({ speeds }) => speeds.scored },
    ],
  },
];

/** Without a classifier, what the watch of its training saw. */
const imagesOf = ({
  measures,
  watched,
  sharpness,
  memorisation,
}: ModelExhibit): Partial<GenerationMeasures> =>
  measures ?? {
    sharpness,
    memorisation,
    ...(watched?.diversity === undefined ? {} : { diversity: watched.diversity }),
    ...(watched?.nearDuplicates === undefined ? {} : { nearDuplicates: watched.nearDuplicates }),
  };

const latentsOf = ({ map, paths, reconstructionError }: ModelExhibit): Partial<LatentRow> => ({
  ...map.measures,
  ...paths,
  priorDistancePerDimension: map.measures.priorDistance / map.dimension,
  reconstructionError,
});

/** What one training on images comes to. */
export const imageMeasures: readonly MeasureGroup<ModelExhibit>[] = [
  detectionMeasures,
  {
    title: 'Images drawn',
    measures: ofImages.map(({ value, ...words }) => ({
      ...words,
      of: (model) => value(imagesOf(model)),
      real: value,
    })),
  },
  {
    title: 'Stability',
    measures: [
      { ...swing, of: ({ oscillation }) => oscillation },
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
    measures: ofLatents.map(({ value, ...words }) => ({ ...words, of: (model) => value(latentsOf(model)) })),
  },
  {
    title: 'Cost',
    measures: [
      { ...trainingTime, of: ({ manifest }) => manifest.seconds },
      {
        name: 'images seen in training',
        note: '',
        format: formatNumber,
        of: ({ manifest }) => manifest.training.epochs * manifest.data.rows.training,
      },
      { ...weights, of: ({ parameters }) => parameters },
      { ...perSecond('images drawn'), of: ({ speeds }) => speeds.drawn },
      { ...perSecond('images scored'), of: ({ speeds }) => speeds.scored },
    ],
  },
];

/** What several trainings of each model come to. */
export const comparedMeasures: readonly MeasureGroup<ComparedModel>[] = [
  {
    title: 'Images drawn',
    measures: ofImages.map(({ value, ...words }) => ({
      ...words,
      of: overRuns(({ generation }) => value(generation)),
      real: value,
    })),
  },
  {
    title: 'Stability',
    measures: [
      { ...swing, of: overRuns(oscillationOf) },
      {
        name: 'trainings that broke',
        note: 'diverged, before their end',
        better: 'lower',
        format: formatNumber,
        of: (model) => model.runs.length - trainedRuns(model).length,
      },
      {
        name: 'trainings that collapsed',
        note: 'to few classes, or to near-copies',
        better: 'lower',
        format: formatNumber,
        of: (model) => trainedRuns(model).filter(({ collapsed }) => collapsed).length,
      },
      {
        name: 'Fréchet distance between seeds',
        note: 'its standard deviation; lower is steadier',
        better: 'lower',
        format: (value) => value.toFixed(2),
        of: (model) => {
          const spread = spreadOf(trainedRuns(model).map(({ generation }) => generation.frechet));
          return spread === undefined || spread.count < 2 ? undefined : spread.deviation;
        },
      },
    ],
  },
  {
    title: 'Latent space',
    measures: ofLatents.map(({ value, ...words }) => ({
      ...words,
      of: overRuns(({ latent }) => value(latent)),
    })),
  },
  {
    title: 'Detection, mean over classes',
    measures: (
      [
        ['one-class', 'AUROC, one class normal'],
        ['leave-one-out', 'AUROC, one class the anomaly'],
      ] as const
    ).map(([protocol, name]) => ({
      name,
      ...higher,
      format: four,
      of: (model) => detectionOver(model, protocol),
    })),
  },
  {
    title: 'Cost',
    measures: [
      { ...trainingTime, of: overRuns(({ speeds }) => speeds.trainingSeconds) },
      { ...weights, of: ({ parameters }) => parameters },
      { ...perSecond('images learnt from'), of: overRuns(({ speeds }) => speeds.trained) },
      { ...perSecond('images drawn'), of: overRuns(({ speeds }) => speeds.drawn) },
      { ...perSecond('images encoded'), of: overRuns(({ speeds }) => speeds.encoded) },
    ],
  },
];
