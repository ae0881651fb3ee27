// How models of images detect: the charts of scores, then what they confuse, where in the images, and their mistakes.
import type { ImageSet } from '../../data/dataset.ts';
import { selectRows } from '../../data/select.ts';
import type { Exhibition, ModelExhibit } from '../../evaluate/exhibition/records.ts';
import { anomalousColour, modelColour, normalColour } from '../colours.ts';
import { bodyWidth } from '../figure.ts';
import { formatNumber, formatShare } from '../format.ts';
import { chooseScale, colourMaps, drawScale, sumChannels } from '../heat-map.ts';
import type { Section } from '../page/document.ts';
import { type ImagePanel, imageFigure } from '../page/image-figure.ts';
import type { Markup } from '../page/markup.ts';
import type { ReportFigure } from '../page/report-figure.ts';
import { matrixPlot } from '../plots/matrix-plot.ts';
import { type Plot, plotFigure } from '../plots/plot.ts';
import { detectionCharts } from './detection-charts.ts';

export async function detectionSection(exhibition: Exhibition): Promise<Section> {
  const { models } = exhibition;
  const content: (Markup | ReportFigure)[] = await detectionCharts(models, 'images');
  for (const [i, model] of models.entries()) {
    if (model.closest !== undefined) content.push(await plotFigure(confusionPlot(exhibition, model)));
    content.push(...(await pictures(exhibition, model, i)));
  }
  return { id: 'detection', title: 'Detection', content };
}

/** Of each class the shares that are flagged, or are taken for one of the normal classes. */
function confusionPlot(
  { test, classNames, isAnomaly }: Exhibition,
  { name, label, closest, detection }: ModelExhibit,
): Plot {
  const { score, threshold } = detection;
  const rows = [...score.keys()];
  const known = [...new Set(closest)].sort((a, b) => a - b);
  const present = [...new Set(test.labels)].sort((a, b) => a - b);
  const nameOf = (each: number): string => classNames[each] ?? String(each);
  const isAlarm = (row: number): boolean => (score[row] ?? 0) > threshold;
  const values = present.map((each) => {
    const own = rows.filter((row) => test.labels?.[row] === each);
    const share = (of: readonly number[]): number => of.length / own.length;
    return [
      ...known.map((kind) => share(own.filter((row) => !isAlarm(row) && closest?.[row] === kind))),
      share(own.filter(isAlarm)),
    ];
  });
  const normal = rows.filter((row) => isAnomaly?.[row] !== 1 && !isAlarm(row));
  const right = normal.filter((row) => closest?.[row] === test.labels?.[row]).length / normal.length;
  return matrixPlot({
    name: `detection-confusion-${name}`,
    title: `${label}: which class each image is taken for`,
    caption: `A row for each true class, a column for what it is taken for; shares of the row. Of the normal images that raise no alarm, ${formatShare(right)} are taken for what they are.`,
    altText: present
      .map((each, i) => `${nameOf(each)}: ${formatShare(values[i]?.at(-1) ?? 0)} alarms`)
      .join(', ')
      .concat(`; ${formatShare(right)} of the others taken for what they are.`),
    names: present.map(nameOf),
    columns: [...known.map(nameOf), 'alarm'],
    values,
  });
}

async function pictures(
  { test, classNames }: Exhibition,
  { name, label: called, detection, heatMaps }: ModelExhibit,
  i: number,
): Promise<ReportFigure[]> {
  const { truth, score, pValue } = detection;
  const figures: ReportFigure[] = [];
  if (heatMaps.originals.count > 0)
    figures.push(await heatFigure({ name, label: called, heatMaps }, modelColour(i)));
  const caption = (row: number): string => {
    const label = test.labels?.[row];
    const chance = `p ${formatNumber(Number((pValue[row] ?? 1).toPrecision(2)))}`;
    return label === undefined ? chance : `${classNames[label] ?? label}\n${chance}`;
  };
  const panelOf = (heading: string, rows: readonly number[], colour: string): ImagePanel => ({
    heading,
    colour,
    images: selectRows(test, rows),
    captions: rows.map(caption),
  });
  const ordered = Array.from(score.keys()).sort((a, b) => (score[b] ?? 0) - (score[a] ?? 0));
  const panels =
    truth === undefined
      ? [
          panelOf('most anomalous', ordered.slice(0, 20), anomalousColour),
          panelOf('most normal', ordered.slice(-10).reverse(), normalColour),
        ]
      : [
          panelOf(
            `false alarms with the highest scores (of ${Math.round(truth.falseAlarmRate * (truth.metrics.n - truth.metrics.positives)).toLocaleString('en-US')})`,
            truth.falseAlarms,
            normalColour,
          ),
          panelOf(
            `missed anomalies with the lowest scores (of ${Math.round((1 - truth.recall) * truth.metrics.positives).toLocaleString('en-US')})`,
            truth.missed,
            anomalousColour,
          ),
        ];
  if (panels.some(({ images }) => images.count > 0)) {
    figures.push(
      await imageFigure({
        name: `detection-mistakes-${name}`,
        title:
          truth === undefined
            ? `${called}: the most and the least anomalous test images`
            : `${called}: its most confident mistakes`,
        caption: 'Captions: the class, and the p-value: how often a normal image scores as high.',
        altText: `${panels.map(({ heading, images }) => `${images.count} ${heading}`).join('; ')}.`,
        panels,
      }),
    );
  }
  return figures;
}

function heatFigure(
  { name, label, heatMaps }: Pick<ModelExhibit, 'name' | 'label' | 'heatMaps'>,
  colour: string,
): Promise<ReportFigure> {
  const { originals, reconstructions, contributions, captions } = heatMaps;
  const sums = sumChannels(contributions, originals.shape, originals.count);
  const scale = chooseScale(sums);
  const plain = ({ labels: _, ...images }: ImageSet): ImageSet => images;
  return imageFigure({
    name: `detection-heat-${name}`,
    title: `${label}: where in an image its score comes from`,
    caption: 'Each pixel’s part in the score; the parts of an image sum to its score.',
    altText: `${originals.count} test images, their reconstructions and heat maps; parts reach from ${formatNumber(scale.low)} to ${formatNumber(scale.high)}.`,
    panels: [
      { heading: 'test images', colour, images: plain(originals), captions },
      { heading: 'as the model reconstructs them', colour, images: plain(reconstructions) },
      {
        heading: 'each pixel’s part in the score',
        colour,
        images: colourMaps(sums, originals.shape, originals.count, scale),
      },
    ],
    scale: drawScale(scale, 'part in the score', bodyWidth),
  });
}
