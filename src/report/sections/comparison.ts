// The models side by side: a bar in every cell of a table, a bar chart of classes, and what people say of VAEs and GANs.
import type { Exhibition, ModelExhibit } from '../../evaluate/exhibition/records.ts';
import type { GenerationMeasures } from '../../evaluate/generation/measure.ts';
import { modelColour, realColour } from '../colours.ts';
import { formatDuration, formatNumber, formatShare } from '../format.ts';
import { type BarCell, barTable } from '../page/bar-table.ts';
import type { Section } from '../page/document.ts';
import { imageFigure } from '../page/image-figure.ts';
import { type Markup, markup } from '../page/markup.ts';
import type { ReportFigure } from '../page/report-figure.ts';
import { barPlot } from '../plots/bar-plot.ts';
import { plotFigure } from '../plots/plot.ts';

/** A row of the table: what it measures, which way is better, and how it is told. */
interface Measure {
  readonly name: string;
  readonly note: string;
  readonly format: (value: number) => string;
  readonly of: (model: ModelExhibit) => number | undefined;
  /** What real images reach, through the classifier. */
  readonly real?: (measures: GenerationMeasures) => number;
}

const three = (value: number): string => value.toFixed(3);
const four = (value: number): string => value.toFixed(4);
const drawn =
  (value: (measures: GenerationMeasures) => number): Measure['of'] =>
  ({ measures }) =>
    measures && value(measures);

const groups: readonly { readonly title: string; readonly measures: readonly Measure[] }[] = [
  {
    title: 'Detection',
    measures: [
      {
        name: 'AUROC',
        note: 'higher is better',
        format: four,
        of: ({ detection }) => detection.truth?.metrics.auroc,
      },
      {
        name: 'average precision',
        note: 'higher is better',
        format: four,
        of: ({ detection }) => detection.truth?.metrics.averagePrecision,
      },
      {
        name: 'caught at the threshold',
        note: 'higher is better',
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
  },
  {
    title: 'Images drawn',
    measures: [
      {
        name: 'Fréchet distance',
        note: 'lower is better',
        format: (value) => value.toFixed(1),
        of: drawn((m) => m.frechet),
        real: (m) => m.frechet,
      },
      {
        name: 'precision',
        note: 'higher is better',
        format: three,
        of: drawn((m) => m.precision),
        real: (m) => m.precision,
      },
      {
        name: 'recall',
        note: 'higher is better',
        format: three,
        of: drawn((m) => m.recall),
        real: (m) => m.recall,
      },
      {
        name: 'coverage',
        note: 'higher is better',
        format: three,
        of: drawn((m) => m.coverage),
        real: (m) => m.coverage,
      },
      {
        name: 'diversity',
        note: '1 is as diverse as real images',
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
    title: 'Latent space',
    measures: [
      {
        name: 'neighbours of the same class',
        note: 'higher is better',
        format: formatShare,
        of: ({ map }) => map.measures.neighbourAccuracy,
      },
      {
        name: 'silhouette of the classes',
        note: 'higher is better',
        format: three,
        of: ({ map }) => map.measures.silhouette,
      },
      {
        name: 'reconstruction error',
        note: 'squared, per pixel; lower is better',
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
        format: formatNumber,
        of: ({ speeds }) => speeds.drawn,
      },
      {
        name: 'images scored per second',
        note: 'higher is better',
        format: formatNumber,
        of: ({ speeds }) => speeds.scored,
      },
    ],
  },
];

/** Empty for one model. */
export async function comparisonSection(exhibition: Exhibition, conclusion: string): Promise<Section> {
  const { models, references, classifierAccuracy, classNames } = exhibition;
  const content: (Markup | ReportFigure)[] = [];
  const section = { id: 'comparison', title: models.map(({ name }) => name).join(' against '), content };
  if (models.length < 2) return section;
  content.push(markup`<p>${conclusion}</p>`);
  const real = references?.find(({ name }) => name === 'real')?.measures;
  const gaussian = references?.find(({ name }) => name === 'gaussian')?.measures;
  for (const { title, measures } of groups) {
    const rows = measures
      .filter((measure) => models.some((model) => measure.of(model) !== undefined))
      .map((measure) => ({
        name: measure.name,
        note: measure.note,
        cells: cellsOf(measure, models, real, gaussian),
      }));
    const hasReal = real !== undefined && measures.some((measure) => measure.real !== undefined);
    content.push(
      barTable({
        caption: title,
        columns: [
          '',
          ...models.map(({ name }) => name),
          ...(hasReal ? ['real images', 'pixel Gaussian'] : []),
        ],
        rows: hasReal ? rows : rows.map((row) => ({ ...row, cells: row.cells.slice(0, models.length) })),
      }),
    );
  }
  content.push(
    markup`<p class="soft">${classifierAccuracy === undefined ? 'Diversity and near-duplicates of the last epoch, through fixed oriented gradients of 256 images.' : `Images are seen through a classifier trained on this data (${formatShare(classifierAccuracy)} right): not comparable with Inception FID.`} Bars: each number over the largest of its row.</p>`,
  );
  content.push(
    await imageFigure({
      name: 'comparison-samples',
      title: 'Sample sheets side by side: real images and those of each model',
      altText: `Sheets of real images and of ${models.map(({ name }) => name).join(', ')}.`,
      panels: [
        ...models.flatMap(({ name, generation }, i) => [
          { heading: name, colour: modelColour(i), images: generation.samples },
          ...(i === models.length - 1
            ? [
                {
                  heading: 'their nearest training images, as real ones look',
                  colour: realColour,
                  images: generation.nearest,
                },
              ]
            : []),
        ]),
      ],
    }),
  );
  const counted = models.filter(({ measures }) => measures !== undefined);
  if (counted.length > 0) {
    content.push(
      await plotFigure(
        barPlot({
          name: 'comparison-classes',
          title: 'Classes of the images that each model draws',
          caption: 'Classes by the classifier.',
          altText: counted
            .map(
              ({ name, measures }) =>
                `${name}: ${classNames.map((each, k) => `${each} ${formatShare((measures?.classes.counts[k] ?? 0) / (measures?.count ?? 1))}`).join(', ')}`,
            )
            .join('; ')
            .concat('.'),
          groups: classNames,
          label: 'share of samples (%)',
          bars: counted.map(({ name, measures }) => ({
            name,
            colour: modelColour(models.findIndex((each) => each.name === name)),
            values: classNames.map(
              (_, k) => (100 * (measures?.classes.counts[k] ?? 0)) / (measures?.count ?? 1),
            ),
          })),
        }),
      ),
    );
  }
  return section;
}

function cellsOf(
  { of, real, format }: Measure,
  models: readonly ModelExhibit[],
  realMeasures: GenerationMeasures | undefined,
  gaussian: GenerationMeasures | undefined,
): BarCell[] {
  const values = [
    ...models.map(of),
    ...[realMeasures, gaussian].map((measures) => (measures && real ? real(measures) : undefined)),
  ];
  const most = Math.max(...values.filter((value) => value !== undefined).map(Math.abs));
  return values.map((value) =>
    value === undefined || !Number.isFinite(value)
      ? { text: '–' }
      : { text: format(value), share: Math.abs(value) / (most || 1) },
  );
}
