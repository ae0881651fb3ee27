// A comparison of models over several trainings as a page of its own: conclusions, numbers with their spread, pictures.
import { trainedRuns } from '../../evaluate/claims.ts';
import { comparisonAnswers } from '../../evaluate/comparison/conclusions.ts';
import type { ComparedModel, Comparison, Exhibits, RealExhibits } from '../../evaluate/comparison/records.ts';
import { spreadOf } from '../../evaluate/comparison/spread.ts';
import { classColour } from '../class-marks.ts';
import { modelColour, palette, realColour } from '../colours.ts';
import { formatNumber, formatShare } from '../format.ts';
import type { Page, Section } from '../page/document.ts';
import { imageFigure } from '../page/image-figure.ts';
import { type MapGroup, mapFigure } from '../page/map-figure.ts';
import { type Markup, markup } from '../page/markup.ts';
import type { ReportFigure } from '../page/report-figure.ts';
import { barPlot } from '../plots/bar-plot.ts';
import { type Line, linePlot } from '../plots/line-plot.ts';
import { plotFigure } from '../plots/plot.ts';
import { showAnswers } from './answers.ts';
import { comparedMeasures } from './comparison-measures.ts';
import { compareModels, showClaims } from './comparison-tables.ts';
import { withEnds } from './generation.ts';

/** A comparison, and the pictures of its first trainings. */
export interface ShownComparison {
  readonly comparison: Comparison;
  readonly real?: RealExhibits | undefined;
  readonly exhibits: readonly Exhibits[];
}

interface Contestant extends ComparedModel {
  readonly colour: string;
  readonly exhibit?: Exhibits | undefined;
}

/** The whole page but for its footer. */
export async function composeComparison({
  comparison,
  real,
  exhibits,
}: ShownComparison): Promise<Omit<Page, 'footer'>> {
  const { dataset, seeds, references, claims } = comparison;
  const models = comparison.models.map(
    (model, i): Contestant => ({
      ...model,
      colour: modelColour(i),
      exhibit: exhibits.find((each) => each.model === model.model),
    }),
  );
  const several =
    seeds > 1 ? `, mean ± standard deviation over ${seeds} trainings each` : ', one training each';
  return {
    title: `${dataset.name}: ${models.map(({ label }) => label).join(' against ')}`,
    subtitle: `Generative models side by side${several}`,
    summary: showAnswers(comparisonAnswers(comparison)),
    sections: [
      {
        id: 'numbers',
        title: 'Measured side by side',
        content: [
          compareModels(`${dataset.name}${several}`, comparedMeasures, models, references),
          markup`<p class="soft">Images are seen through a classifier trained on this data (${formatShare(comparison.classifier.accuracy)} right): not comparable with Inception FID.</p>`,
          ...showClaims(claims),
        ],
      },
      await imagesSection(comparison, models, real),
      await trainingSection(comparison, models),
      latentSection(comparison, models),
      await detectionSection(comparison, models),
    ],
  };
}

async function imagesSection(
  { dataset }: Comparison,
  models: readonly Contestant[],
  real: RealExhibits | undefined,
): Promise<Section> {
  const content: (Markup | ReportFigure)[] = [];
  const drawn = models.flatMap(({ exhibit, ...model }) =>
    exhibit === undefined ? [] : [{ ...model, exhibit }],
  );
  if (real !== undefined && drawn.length > 0) {
    content.push(
      await imageFigure({
        name: 'images-samples',
        title: 'Sample sheets side by side: real images and those of each model',
        caption: 'The first drawn, none chosen; of each model’s first training.',
        altText: `Sheets of real images and of ${drawn.map(({ label }) => label).join(', ')}.`,
        beside: true,
        panels: [
          { heading: 'real test images', colour: realColour, columns: 6, images: real.samples },
          ...drawn.map(({ label, colour, exhibit: { samples } }) => ({
            heading: label,
            colour,
            columns: 6,
            images: samples,
          })),
        ],
      }),
    );
    if (real.from.count > 0) {
      content.push(
        await imageFigure({
          name: 'images-walks',
          title: 'Walks between two test images of different classes',
          caption:
            'The first and the last image of a row are real; between them each model decodes a straight line in latent space.',
          altText: `${real.from.count} walks of ${drawn.map(({ label }) => label).join(', ')}.`,
          panels: Array.from({ length: real.from.count }, (_, pair) =>
            drawn.map(({ label, colour, exhibit: { walks } }) => ({
              heading: label,
              colour,
              columns: walks.stops + 2,
              images: withEnds(real.from, real.to, walks.images, pair, walks.stops),
            })),
          ).flat(),
        }),
      );
    }
  }
  const counted = models.filter((model) => trainedRuns(model).length > 0);
  if (counted.length > 0) {
    const shareOf = (model: ComparedModel, label: number): number =>
      spreadOf(
        trainedRuns(model).map(
          ({ generation: { classes, count } }) => (100 * (classes.counts[label] ?? 0)) / count,
        ),
      )?.mean ?? Number.NaN;
    content.push(
      await plotFigure(
        barPlot({
          name: 'images-classes',
          title: 'Classes of the images that each model draws',
          caption: 'Classes by the classifier.',
          altText: counted
            .map(
              (model) =>
                `${model.label}: ${dataset.classNames.map((name, label) => `${name} ${formatNumber(shareOf(model, label))}%`).join(', ')}`,
            )
            .join('; ')
            .concat('.'),
          groups: dataset.classNames,
          label: 'share of samples (%)',
          bars: counted.map((model) => ({
            name: model.label,
            colour: model.colour,
            values: dataset.classNames.map((_, label) => shareOf(model, label)),
          })),
          line: { at: 100 / dataset.classNames.length, label: 'equal shares' },
        }),
      ),
    );
  }
  return { id: 'images', title: 'What the models draw', content };
}

async function trainingSection({ seeds }: Comparison, models: readonly Contestant[]): Promise<Section> {
  const content: (Markup | ReportFigure)[] = [];
  for (const { model, label, runs } of models) {
    const parts = [
      ...new Set(runs.flatMap(({ history }) => history.flatMap(({ losses }) => Object.keys(losses)))),
    ];
    if (parts.length === 0) continue;
    const lines = parts.flatMap((part, k) =>
      runs.map(
        ({ seed, history }, i): Line => ({
          name: seeds > 1 && i > 0 ? `${part}, seed ${seed}` : part,
          colour: palette[k % palette.length],
          quiet: i > 0 ? true : undefined,
          points: history.flatMap(({ epoch, losses }) =>
            losses[part] === undefined ? [] : [[epoch, losses[part]] as const],
          ),
        }),
      ),
    );
    content.push(
      await plotFigure(
        linePlot({
          name: `training-losses-${model}`,
          title: `${label}: each part of the loss over the epochs${seeds > 1 ? ', a line for each seed' : ''}`,
          altText: `Losses of ${runs.length} ${runs.length === 1 ? 'training' : 'trainings'}: ${parts.join(', ')}.`,
          x: { label: 'epoch', whole: true, free: true },
          y: { label: 'loss (nats per image)', free: true },
          lines,
        }),
      ),
    );
  }
  const trained = models.filter((model) => trainedRuns(model).length > 0);
  if (seeds > 1 && trained.length > 0) {
    const distances = (model: ComparedModel) =>
      Array.from(
        { length: seeds },
        (_, seed) => trainedRuns(model).find((run) => run.seed === seed)?.generation.frechet,
      );
    content.push(
      await plotFigure(
        barPlot({
          name: 'training-seeds',
          title: 'Fréchet distance of each training to real images, lower is better',
          altText: trained
            .map(
              (model) =>
                `${model.label}: ${distances(model)
                  .map((value) => (value === undefined ? 'broke' : formatNumber(value)))
                  .join(', ')}`,
            )
            .join('; ')
            .concat('.'),
          groups: Array.from({ length: seeds }, (_, seed) => `seed ${seed}`),
          label: 'Fréchet distance (squared feature units)',
          bars: trained.map((model) => ({
            name: model.label,
            colour: model.colour,
            values: distances(model),
          })),
        }),
      ),
    );
  }
  return { id: 'training', title: 'Training', content };
}

function latentSection({ dataset }: Comparison, models: readonly Contestant[]): Section {
  const content = models.flatMap(({ model, label, latentDim, exhibit }): ReportFigure[] => {
    if (exhibit === undefined) return [];
    const { plane } = exhibit;
    const rows = [...plane.labels.keys()];
    const present = [...new Set(plane.labels)].sort((a, b) => a - b);
    const nameOf = (each: number): string => dataset.classNames[each] ?? String(each);
    return [
      mapFigure({
        name: `latent-pca-${model}`,
        title: `${label}: codes of test images on their two principal axes`,
        caption: `They hold ${formatShare(plane.explained)} of the variance of ${latentDim} dimensions. Axes have no unit.`,
        altText: `${rows.length} codes by PCA, in the colours of their classes.`,
        points: plane.points,
        panels: [
          {
            heading: 'by class',
            groups: present.map(
              (each): MapGroup => ({
                name: nameOf(each),
                colour: classColour(each),
                mark: each < palette.length ? 'dot' : 'square',
                rows: rows.filter((row) => plane.labels[row] === each),
                named: true,
              }),
            ),
          },
        ],
        texts: rows.map((row) => nameOf(plane.labels[row] ?? 0)),
        table: {
          columns: ['x', 'y', 'class'],
          rows: rows.map((row) => [
            plane.points[2 * row],
            plane.points[2 * row + 1],
            nameOf(plane.labels[row] ?? 0),
          ]),
        },
      }),
    ];
  });
  return { id: 'latent', title: 'Latent space', content };
}

async function detectionSection(
  { dataset, detection }: Comparison,
  models: readonly Contestant[],
): Promise<Section> {
  const content: (Markup | ReportFigure)[] = [];
  for (const protocol of detection.protocols) {
    const auroc = (model: ComparedModel, label: number): number | undefined =>
      spreadOf(
        model.detection.flatMap((cell) =>
          cell.outcome === 'trained' && cell.protocol === protocol && cell.class === label
            ? [100 * cell.metrics.auroc]
            : [],
        ),
      )?.mean;
    const what = protocol === 'one-class' ? 'normal' : 'the anomaly';
    content.push(
      await plotFigure(
        barPlot({
          name: `detection-${protocol}`,
          title: `Anomaly detection where one class is ${what}`,
          caption: `On ${detection.images.toLocaleString('en-US')} test images; the dashed line is chance.`,
          altText: models
            .map(
              (model) =>
                `${model.label}: ${detection.classes.map((label) => `${dataset.classNames[label] ?? label} ${formatNumber(auroc(model, label) ?? Number.NaN)}%`).join(', ')}`,
            )
            .join('; ')
            .concat('.'),
          groups: detection.classes.map((label) => dataset.classNames[label] ?? String(label)),
          label: 'AUROC (%)',
          bars: models.map((model) => ({
            name: model.label,
            colour: model.colour,
            values: detection.classes.map((label) => auroc(model, label)),
          })),
          line: { at: 50, label: 'chance' },
        }),
      ),
    );
  }
  return { id: 'detection', title: 'Detection', content };
}
