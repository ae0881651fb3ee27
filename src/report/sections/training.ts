// How the models were trained: losses, what they drew as it went, whether they reached all classes, how fast.
import type { Exhibition, ModelExhibit } from '../../evaluate/exhibition/records.ts';
import { modelColour } from '../colours.ts';
import { formatDuration, formatNumber } from '../format.ts';
import type { Section } from '../page/document.ts';
import { imageFigure } from '../page/image-figure.ts';
import { type Markup, markup } from '../page/markup.ts';
import type { ReportFigure } from '../page/report-figure.ts';
import { type Line, linePlot } from '../plots/line-plot.ts';
import { plotFigure } from '../plots/plot.ts';

export async function trainingSection({ models }: Exhibition): Promise<Section> {
  const content = await lossContent(models, 'image');
  content.push(...(await watchFigures(models)));
  const speeds = models.filter(({ manifest }) => manifest.history.length > 0);
  if (speeds.length > 0) content.push(await throughputFigure(speeds));
  const drawn = models.filter(({ snapshots }) => snapshots.length > 0);
  if (drawn.length > 0) content.push(await snapshotFigure(drawn));
  return { id: 'training', title: 'Training', content };
}

/** Of each model how long it learnt, and its losses; `noun` is what one row is. */
export async function lossContent(
  models: readonly Pick<ModelExhibit, 'name' | 'label' | 'kind' | 'manifest'>[],
  noun: string,
): Promise<(Markup | ReportFigure)[]> {
  const content: (Markup | ReportFigure)[] = [];
  for (const model of models) {
    const { history, training, data, seconds } = model.manifest;
    content.push(
      markup`<p>${model.label}: ${training.epochs} ${training.epochs === 1 ? 'epoch' : 'epochs'} over ${data.rows.training.toLocaleString('en-US')} ${noun}s in ${formatDuration(seconds)}, scores and calibration included.</p>`,
    );
    if (history.length > 0) content.push(await lossFigure(model, noun));
  }
  return content;
}

/** Epochs of one member after those of the one before. */
const epochOf = (
  { manifest }: Pick<ModelExhibit, 'manifest'>,
  record: { readonly member: number; readonly epoch: number },
): number => record.member * manifest.training.epochs + record.epoch;

function lossFigure(
  model: Pick<ModelExhibit, 'name' | 'label' | 'kind' | 'manifest'>,
  noun: string,
): Promise<ReportFigure> {
  const { history } = model.manifest;
  const names = [...new Set(history.flatMap(({ losses }) => Object.keys(losses)))];
  const lines = names.map(
    (name): Line => ({
      name,
      points: history.flatMap((record) => {
        const value = record.losses[name];
        return value === undefined ? [] : [[epochOf(model, record), value] as const];
      }),
    }),
  );
  const ends = lines.map(({ name, points }) => `${name} ends at ${formatNumber(points.at(-1)?.[1] ?? 0)}`);
  return plotFigure(
    linePlot({
      name: `training-losses-${model.name}`,
      title: `${model.label}: each part of the loss over the epochs`,
      caption:
        model.kind === 'variational'
          ? 'Lower is better.'
          : 'Two networks against each other: neither loss falls for long where both learn.',
      altText: `Losses over ${history.length} epochs: ${ends.join(', ')}.`,
      x: { label: 'epoch', whole: true, free: true },
      y: { label: `loss (nats per ${noun})`, free: true },
      lines,
    }),
  );
}

async function watchFigures(models: readonly ModelExhibit[]): Promise<ReportFigure[]> {
  const lineOf = (measure: string): Line[] =>
    models.flatMap((model, i) => {
      const points = model.manifest.history.flatMap((record) => {
        const value = record.watched?.measures[measure];
        return value === undefined ? [] : [[epochOf(model, record), value] as const];
      });
      return points.length === 0 ? [] : [{ name: model.label, colour: modelColour(i), points }];
    });
  const [diversity, missing] = [lineOf('diversity'), lineOf('missingClasses')];
  const last = (lines: readonly Line[]): string =>
    lines.map(({ name, points }) => `${name} ${formatNumber(points.at(-1)?.[1] ?? 0)}`).join(', ');
  const figures: ReportFigure[] = [];
  if (diversity.length > 0) {
    figures.push(
      await plotFigure(
        linePlot({
          name: 'training-diversity',
          title: 'Mode coverage: how diverse the images drawn after each epoch are',
          caption: '1 is as diverse as real images; under 0.5 a model draws the same few again and again.',
          altText: `Diversity after the last epoch: ${last(diversity)}.`,
          x: { label: 'epoch', whole: true, free: true },
          y: { label: 'diversity (real images: 1)', min: 0 },
          lines: [
            ...diversity,
            {
              name: 'real images',
              colour: '#66707a',
              dash: [5, 4],
              points: ends(diversity).map((x) => [x, 1] as const),
            },
          ],
        }),
      ),
    );
  }
  if (missing.length > 0) {
    figures.push(
      await plotFigure(
        linePlot({
          name: 'training-missing-classes',
          title: 'Classes of which no image was drawn after each epoch',
          caption: 'Among 256 images; the class by the five nearest training images.',
          altText: `Missing classes after the last epoch: ${last(missing)}.`,
          x: { label: 'epoch', whole: true, free: true },
          y: { label: 'classes missing', min: 0, whole: true },
          height: 240,
          lines: missing,
        }),
      ),
    );
  }
  return figures;
}

const ends = (lines: readonly Line[]): number[] => {
  const epochs = lines.flatMap(({ points }) => points.map(([x]) => x));
  return [Math.min(...epochs), Math.max(...epochs)];
};

/** Of models whose history is known; `noun` is what rows are. */
export function throughputFigure(
  models: readonly Pick<ModelExhibit, 'label' | 'manifest'>[],
  noun = 'images',
): Promise<ReportFigure> {
  const lines = models.map(
    (model, i): Line => ({
      name: model.label,
      colour: modelColour(i),
      points: model.manifest.history.map(
        (record) =>
          [
            epochOf(model, record),
            model.manifest.data.rows.training / Math.max(1e-6, record.seconds),
          ] as const,
      ),
    }),
  );
  const means = lines.map(
    ({ name, points }) =>
      `${name} ${formatNumber(points.reduce((sum, [, y]) => sum + y, 0) / points.length)}`,
  );
  return plotFigure(
    linePlot({
      name: 'training-throughput',
      title: `Throughput: training ${noun} per second`,
      altText: `Mean throughput: ${means.join(', ')} ${noun} per second.`,
      x: { label: 'epoch', whole: true, free: true },
      y: { label: `${noun} per second`, min: 0 },
      height: 240,
      lines,
    }),
  );
}

function snapshotFigure(models: readonly ModelExhibit[]): Promise<ReportFigure> {
  return imageFigure({
    name: 'training-samples',
    title: 'What each model draws from the same latent vectors as training goes',
    altText: models
      .map(
        ({ label, snapshots }) =>
          `${label}: 10 images after each of ${snapshots.length} epochs, the last ${snapshots.at(-1)?.epoch}`,
      )
      .join('; ')
      .concat('.'),
    panels: models.flatMap(({ label, snapshots }, i) =>
      snapshots.map(({ epoch, images }) => ({
        heading: `${label}, epoch ${epoch}`,
        colour: modelColour(models.length > 1 ? i : 0),
        images,
      })),
    ),
  });
}
