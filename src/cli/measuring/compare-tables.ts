// A comparison in words: one table for each question, and the claims held against them.
import { oscillationOf, trainedRuns } from '../../evaluate/claims.ts';
import type { ComparedModel, Comparison, TrainedRun } from '../../evaluate/comparison/records.ts';
import { spreadOf } from '../../evaluate/comparison/spread.ts';
import type { GenerationMeasures } from '../../evaluate/generation/measure.ts';
import { formatDuration, formatNumber, formatShare } from '../../report/format.ts';
import { alignRows, wrapWords } from '../text-table.ts';

type Table = readonly (readonly string[])[];
type Format = (value: number) => string;
interface Column<Row> {
  readonly name: string;
  readonly value: (row: Row) => number | undefined;
  readonly format?: Format;
}

const two: Format = (value) => value.toFixed(2);
const three: Format = (value) => value.toFixed(3);
const four: Format = (value) => value.toFixed(4);
const percent: Format = (value) => (100 * value).toFixed(1);

/** `mean±standard deviation` over seeds, or a dash where there is nothing to say. */
function overSeeds(values: readonly (number | undefined)[], format: Format = formatNumber): string {
  const spread = spreadOf(values.filter((value) => value !== undefined));
  if (spread === undefined) return '–';
  return spread.count > 1 ? `${format(spread.mean)}±${format(spread.deviation)}` : format(spread.mean);
}

const quality: readonly Column<GenerationMeasures>[] = [
  { name: 'Fréchet', value: (row) => row.frechet, format: two },
  { name: 'precision', value: (row) => row.precision, format: three },
  { name: 'density', value: (row) => row.density, format: three },
  { name: 'sharpness', value: (row) => row.sharpness, format: three },
  { name: 'confidence', value: (row) => row.confidence, format: three },
];
/** For class-conditional models; real images' is the classifier's own accuracy. */
const agreement: Column<GenerationMeasures> = {
  name: 'of the class asked',
  value: (row) => row.agreement,
  format: three,
};
const diversity: readonly Column<GenerationMeasures>[] = [
  { name: 'coverage', value: (row) => row.coverage, format: three },
  { name: 'recall', value: (row) => row.recall, format: three },
  { name: 'diversity', value: (row) => row.diversity, format: three },
  { name: 'missing', value: (row) => row.classes.missing.length },
  { name: 'KL', value: (row) => row.classes.divergence, format: three },
  { name: 'duplicates', value: (row) => row.nearDuplicates, format: three },
  { name: 'memory', value: (row) => row.memorisation, format: three },
];
const structure: readonly Column<TrainedRun>[] = [
  { name: 'kNN accuracy', value: ({ latent }) => latent.neighbourAccuracy, format: three },
  { name: 'silhouette', value: ({ latent }) => latent.silhouette, format: three },
  { name: 'W2² to N(0, I)', value: ({ latent }) => latent.priorDistance, format: two },
  { name: 'per dimension', value: ({ latent }) => latent.priorDistancePerDimension, format: three },
  { name: 'path length', value: ({ latent }) => latent.pathLength, format: two },
  { name: 'unevenness', value: ({ latent }) => latent.unevenness, format: two },
  { name: 'squared error', value: ({ latent }) => latent.reconstructionError, format: four },
];

const isConditional = ({ models }: Comparison): boolean =>
  models.some((model) => trainedRuns(model).some(({ generation }) => generation.agreement !== undefined));

/** Samples' measures: the models between the floor and the ceiling of the table. */
function sampleTable(
  { references, models }: Comparison,
  columns: readonly Column<GenerationMeasures>[],
): Table {
  const reference = (name: string): Table =>
    references
      .filter((row) => row.name === name)
      .map(({ measures }) => [
        name,
        ...columns.map(({ value, format }) => overSeeds([value(measures)], format)),
      ]);
  return [
    ['', ...columns.map(({ name }) => name)],
    ...reference('real'),
    ...models.map((model) => [
      model.model,
      ...columns.map(({ value, format }) =>
        overSeeds(
          trainedRuns(model).map(({ generation }) => value(generation)),
          format,
        ),
      ),
    ]),
    ...reference('gaussian'),
  ];
}

function stabilityTable({ models }: Comparison): Table {
  return [
    ['', 'Fréchet min', 'max', 'deviation', 'loss oscillation', 'diverged', 'collapsed', 'runs'],
    ...models.map((model) => {
      const runs = trainedRuns(model);
      const spread = spreadOf(runs.map(({ generation }) => generation.frechet));
      return [
        model.model,
        spread === undefined ? '–' : two(spread.min),
        spread === undefined ? '–' : two(spread.max),
        spread === undefined || spread.count < 2 ? '–' : two(spread.deviation),
        overSeeds(runs.map(oscillationOf), three),
        String(model.runs.length - runs.length),
        String(runs.filter(({ collapsed }) => collapsed).length),
        String(model.runs.length),
      ];
    }),
  ];
}

const structureTable = ({ models }: Comparison): Table => [
  ['', 'dimensions', ...structure.map(({ name }) => name)],
  ...models.map((model) => [
    model.model,
    String(model.latentDim),
    ...structure.map(({ value, format }) => overSeeds(trainedRuns(model).map(value), format)),
  ]),
];

/** AUROC in percent of each model's combined score, and under it each score alone. */
function detectionTable({ models, detection, dataset }: Comparison, protocol: string): Table {
  const { classes } = detection;
  return [
    ['', ...classes.map((label) => dataset.classNames[label] ?? String(label)), 'mean'],
    ...models.flatMap((model) => {
      const cells = model.detection.flatMap((cell) =>
        cell.outcome === 'trained' && cell.protocol === protocol ? [cell] : [],
      );
      const row = (name: string, auroc: (cell: (typeof cells)[number]) => number | undefined) => [
        name,
        ...classes.map((label) =>
          overSeeds(cells.filter((cell) => cell.class === label).map(auroc), percent),
        ),
        overSeeds([spreadOf(cells.flatMap((cell) => auroc(cell) ?? []))?.mean], percent),
      ];
      const terms = Object.keys(cells[0]?.terms ?? {});
      return [
        row(model.model, ({ metrics }) => metrics.auroc),
        ...terms.map((term) => row(`  ${term}`, ({ terms }) => terms[term])),
      ];
    }),
  ];
}

function costTable({ models }: Comparison): Table {
  return [
    ['', 'epochs', 'training', 'images/s', 'parameters', 'drawn/s', 'encoded/s', 'scored/s'],
    ...models.map((model) => {
      const runs = trainedRuns(model);
      const cells = model.detection.flatMap((cell) => (cell.outcome === 'trained' ? [cell] : []));
      const speed = (values: readonly number[]) => overSeeds([spreadOf(values)?.mean]);
      return [
        model.model,
        String(model.settings.epochs),
        overSeeds([spreadOf(runs.map(({ speeds }) => speeds.trainingSeconds))?.mean], formatDuration),
        speed(runs.map(({ speeds }) => speeds.trained)),
        model.parameters.toLocaleString('en-US'),
        speed(runs.map(({ speeds }) => speeds.drawn)),
        speed(runs.map(({ speeds }) => speeds.encoded)),
        speed(cells.map(({ metrics, scoringSeconds }) => metrics.n / scoringSeconds)),
      ];
    }),
  ];
}

/** All tables and claims. */
export function describeComparison(comparison: Comparison): string {
  const { dataset, seeds, samples, classifier, detection, models, claims, seconds } = comparison;
  const number = (value: number): string => value.toLocaleString('en-US');
  const several = seeds > 1 ? `, mean ± standard deviation over ${seeds} seeds` : '';
  const section = (title: string, table: Table, ...notes: string[]): string =>
    [title, '', alignRows(table), ...notes.flatMap((note) => wrapWords(note))].join('\n');
  const detections = detection.protocols.map((protocol) =>
    section(
      `Anomaly detection, ${protocol === 'one-class' ? 'one class normal' : 'one class the anomaly'}: AUROC in percent on ${number(detection.images)} test images`,
      detectionTable(comparison, protocol),
    ),
  );
  return [
    `${dataset.name}: ${models.map(({ model }) => model).join(', ')} on ${number(dataset.train)} training images${several}`,
    section(
      `Image quality of ${number(samples)} images each`,
      sampleTable(comparison, isConditional(comparison) ? [...quality, agreement] : quality),
      `Features of our classifier (${formatShare(classifier.accuracy)} right); not comparable with published FID. real: test images, the best there is; gaussian: the simplest model, to be beaten.`,
    ),
    section(
      'Diversity',
      sampleTable(comparison, diversity),
      'missing: classes without a sample; KL of the classes from equal shares, in nats; duplicates: 0.01 for real images; memory: well below 1 for training images learnt by heart.',
    ),
    section(
      'Stability of training',
      stabilityTable(comparison),
      'loss oscillation: standard deviation of the change from epoch to epoch over the mean loss, last half of training, mean over loss parts.',
      ...describeBroken(models),
    ),
    section('Latent space of the test images', structureTable(comparison)),
    ...detections,
    section('Cost', costTable(comparison)),
    ['What people say', ...claims.flatMap(({ sentence }) => ['', ...wrapWords(sentence)])].join('\n'),
    `time  ${formatDuration(seconds)}`,
  ].join('\n\n');
}

function describeBroken(models: readonly ComparedModel[]): string[] {
  return models.flatMap(({ model, runs, detection }) => [
    ...runs.flatMap((run) =>
      run.outcome === 'diverged' ? [`${model}, seed ${run.seed}: ${run.message}`] : [],
    ),
    ...detection.flatMap((cell) =>
      cell.outcome === 'diverged'
        ? [`${model}, ${cell.protocol} ${cell.class}, seed ${cell.seed}: ${cell.message}`]
        : [],
    ),
  ]);
}
