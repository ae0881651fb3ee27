// The pictures of a comparison. Loaded only when they are asked for: charts and fonts take a while.
import { trainedRuns } from '../../evaluate/claims.ts';
import type { ComparedModel, Comparison, Exhibits, RealExhibits } from '../../evaluate/comparison/records.ts';
import { spreadOf } from '../../evaluate/comparison/spread.ts';
import { formatDuration } from '../../report/format.ts';
import {
  codeScatter,
  type Figure,
  groupedBars,
  lossPanels,
  modelColour,
  quantityBars,
  realColour,
  samplePanels,
  seedSpread,
  walkStrips,
  writeFigures,
} from '../../report/index.ts';

/** What pictures are made of beside the numbers; filled as the work goes on. */
export interface Material {
  real?: RealExhibits;
  readonly exhibits: Exhibits[];
}

/** Draws what there is to draw; returns the files written. */
export async function drawComparison(
  comparison: Comparison,
  material: Material,
  folder: string,
): Promise<string[]> {
  const figures = [
    ...(await drawExhibits(comparison, material)),
    ...(await drawRuns(comparison)),
    ...(await drawDetection(comparison)),
    await drawCosts(comparison),
  ];
  return writeFigures(folder, figures);
}

const named = ({ models }: Comparison) =>
  models.map((model, i) => ({ ...model, name: model.model, colour: modelColour(i) }));

/** A text for `mean over 3 seeds`, empty for one. */
const overSeeds = ({ seeds }: Comparison): string => (seeds > 1 ? `mean over ${seeds} seeds` : '');

async function drawExhibits(comparison: Comparison, { real, exhibits }: Material): Promise<Figure[]> {
  if (real === undefined || exhibits.length === 0) return [];
  const { dataset } = comparison;
  const models = named(comparison).flatMap(({ name, colour, settings }) => {
    const exhibit = exhibits.find((each) => each.model === name);
    return exhibit === undefined ? [] : [{ name, colour, settings, ...exhibit }];
  });
  const epochs = (count: number): string => `${count} ${count === 1 ? 'epoch' : 'epochs'}`;
  const figures = [
    await samplePanels(
      [
        { heading: 'real test images', colour: realColour, images: real.samples },
        ...models.map(({ name, colour, settings, samples }) => ({
          heading: `${name}, ${epochs(settings.epochs)}`,
          colour,
          images: samples,
        })),
      ],
      { subtitle: `${dataset.name}; the first images drawn, none chosen` },
    ),
    await codeScatter(
      models.map(({ name, colour, plane }) => ({ heading: name, colour, ...plane })),
      {
        classNames: dataset.classNames,
        title: `Codes of ${dataset.name} test images on their two principal axes`,
      },
    ),
  ];
  if (real.from.count === 0) return figures;
  const walks = models.map(({ name, walks: each }) => ({ name, ...each }));
  return [...figures, await walkStrips({ from: real.from, to: real.to, walks })];
}

async function drawRuns(comparison: Comparison): Promise<Figure[]> {
  const { dataset, references, samples, seeds } = comparison;
  const models = named(comparison);
  const trained = models.filter((model) => trainedRuns(model).length > 0);
  const lost = await lossPanels(
    models.map(({ name, colour, runs }) => ({
      heading: name,
      colour,
      histories: runs.map((run) => run.history),
    })),
    {
      title:
        seeds > 1
          ? 'Losses over the epochs of training, a line for each seed'
          : 'Losses over the epochs of training',
    },
  ).catch(() => undefined);
  if (trained.length === 0) return lost === undefined ? [] : [lost];
  const share = (model: ComparedModel, label: number): number | undefined =>
    spreadOf(
      trainedRuns(model).map(
        ({ generation }) => (100 * (generation.classes.counts[label] ?? 0)) / generation.count,
      ),
    )?.mean;
  const even = 100 / dataset.classNames.length;
  return [
    await groupedBars({
      name: 'classes',
      title: 'Classes of the images that each model draws',
      subtitle: ['classes by our classifier', overSeeds(comparison)].filter((part) => part !== '').join('; '),
      groups: dataset.classNames,
      groupLabel: 'class',
      valueLabel: 'share of samples (%)',
      series: trained.map((model) => ({
        name: model.name,
        colour: model.colour,
        values: dataset.classNames.map((_, label) => share(model, label)),
      })),
      line: { at: even, label: 'equal shares' },
    }),
    await seedSpread({
      name: 'frechet',
      title: 'Fréchet distance of each training to real images, lower is better',
      subtitle: `${samples.toLocaleString('en-US')} images each; features of our classifier, not comparable with published FID`,
      valueLabel: 'Fréchet distance (squared feature units)',
      series: trained.map((model) => ({
        name: model.name,
        colour: model.colour,
        values: trainedRuns(model).map(({ generation }) => generation.frechet),
      })),
      lines: references.map(({ name, measures }) => ({
        at: measures.frechet,
        label: name === 'real' ? 'real test images' : 'pixel Gaussian',
      })),
    }),
    ...(lost === undefined ? [] : [lost]),
  ];
}

async function drawDetection(comparison: Comparison): Promise<Figure[]> {
  const { dataset, detection } = comparison;
  const models = named(comparison);
  const figures: Figure[] = [];
  for (const protocol of detection.protocols) {
    const auroc = (model: ComparedModel, label: number): number | undefined =>
      spreadOf(
        model.detection.flatMap((cell) =>
          cell.outcome === 'trained' && cell.protocol === protocol && cell.class === label
            ? [100 * cell.metrics.auroc]
            : [],
        ),
      )?.mean;
    const series = models.map((model) => ({
      name: model.name,
      colour: model.colour,
      values: detection.classes.map((label) => auroc(model, label)),
    }));
    if (series.every(({ values }) => values.every((value) => value === undefined))) continue;
    const isOneClass = protocol === 'one-class';
    figures.push(
      await groupedBars({
        name: isOneClass ? 'detection-one-class' : 'detection-leave-one-out',
        title: `Anomaly detection where one class is ${isOneClass ? 'normal' : 'the anomaly'}`,
        subtitle: [`${detection.images.toLocaleString('en-US')} test images`, overSeeds(comparison)]
          .filter((part) => part !== '')
          .join('; '),
        groups: detection.classes.map((label) => dataset.classNames[label] ?? String(label)),
        groupLabel: isOneClass ? 'the normal class' : 'the anomalous class',
        valueLabel: 'AUROC (%)',
        most: 100,
        series,
        line: { at: 50, label: 'chance' },
      }),
    );
  }
  return figures;
}

function drawCosts(comparison: Comparison): Promise<Figure> {
  const models = named(comparison);
  const mean = (values: readonly number[]): number | undefined => spreadOf(values)?.mean;
  return quantityBars({
    name: 'cost',
    title: 'What each model costs',
    subtitle: overSeeds(comparison),
    models,
    quantities: [
      {
        title: 'Training time',
        values: models.map((model) => mean(trainedRuns(model).map(({ speeds }) => speeds.trainingSeconds))),
        format: formatDuration,
      },
      {
        title: 'Training images per second',
        values: models.map((model) => mean(trainedRuns(model).map(({ speeds }) => speeds.trained))),
      },
      { title: 'Parameters', values: models.map(({ parameters }) => parameters) },
      {
        title: 'Images drawn per second',
        values: models.map((model) => mean(trainedRuns(model).map(({ speeds }) => speeds.drawn))),
      },
      {
        title: 'Images encoded per second',
        values: models.map((model) => mean(trainedRuns(model).map(({ speeds }) => speeds.encoded))),
      },
      {
        title: 'Images scored per second',
        values: models.map((model) =>
          mean(
            model.detection.flatMap((cell) =>
              cell.outcome === 'trained' ? [cell.metrics.n / cell.scoringSeconds] : [],
            ),
          ),
        ),
      },
    ],
  });
}
