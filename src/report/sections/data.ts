// The data before any model, as the first section of a report and the whole of `oddity explore`.
import type { ImageData } from '../../evaluate/exhibition/image-data.ts';
import type { ColumnSummary, TableData } from '../../evaluate/exhibition/table-data.ts';
import { anomalousColour, normalColour } from '../colours.ts';
import { bodyWidth } from '../figure.ts';
import { formatNumber, formatShare } from '../format.ts';
import { chooseScale, colourMaps, drawScale, sumChannels } from '../heat-map.ts';
import { barTable } from '../page/bar-table.ts';
import type { Section } from '../page/document.ts';
import { imageFigure } from '../page/image-figure.ts';
import { type Markup, markup } from '../page/markup.ts';
import type { ReportFigure } from '../page/report-figure.ts';
import { barPlot } from '../plots/bar-plot.ts';
import { linePlot } from '../plots/line-plot.ts';
import { matrixPlot } from '../plots/matrix-plot.ts';
import { type Plot, plotFigure } from '../plots/plot.ts';

const number = (value: number): string => value.toLocaleString('en-US');
const title = 'The data';

export async function dataSection(data: ImageData | TableData): Promise<Section> {
  const content = data.kind === 'images' ? await showImages(data) : await showTable(data);
  return { id: 'data', title, content };
}

async function showImages(data: ImageData): Promise<(Markup | ReportFigure)[]> {
  const { name, classes, isLabelled, means, deviations, shape, histograms, ranges } = data;
  const [height, width, channels] = shape;
  const kinds = isLabelled ? `${classes.length} classes` : 'no labels';
  const spread = sumChannels(deviations, shape, classes.length).map((value) => value / channels);
  const scale = chooseScale(spread);
  const shown = [
    await imageFigure({
      name: 'data-samples',
      title: isLabelled
        ? `The first training images of each class of ${name}`
        : `The first training images of ${name}`,
      altText: `${classes.map((each) => `${each.samples.count} images of ${each.name}`).join(', ')}.`,
      panels: classes
        .filter(({ samples }) => samples.count > 0)
        .map((each) => ({
          heading: `${each.name}: ${number(each.train)} training images`,
          images: each.samples,
        })),
    }),
    ...(classes.length > 1
      ? [
          await plotFigure(
            barPlot({
              name: 'data-classes',
              title: balanceTitle(data),
              altText: `Training images of each class: ${classes.map((each) => `${each.name} ${number(each.train)}`).join(', ')}.`,
              groups: classes.map((each) => each.name),
              label: 'images',
              format: number,
              bars: [
                { name: 'training', colour: normalColour, values: classes.map((each) => each.train) },
                { name: 'test', colour: '#e69f00', values: classes.map((each) => each.test) },
              ],
            }),
          ),
        ]
      : []),
    ...(means.count > 0
      ? [
          await imageFigure({
            name: 'data-means',
            title: 'Mean of each pixel, and how far images stray from it',
            caption: 'Bright in the lower rows: pixels in which images of one class differ from each other.',
            altText: `Mean and standard deviation images of ${classes.map((each) => each.name).join(', ')}; the largest deviation is ${formatNumber(scale.high)} of 255.`,
            panels: [
              { heading: 'mean', images: means, captions: classes.map((each) => each.name) },
              {
                heading: 'standard deviation',
                images: colourMaps(spread, shape, classes.length, scale),
                captions: classes.map((each) => each.name),
              },
            ],
            scale: drawScale(scale, 'standard deviation of the pixel (0..255)', bodyWidth),
          }),
        ]
      : []),
    await plotFigure(
      linePlot({
        name: 'data-values',
        title: 'Values that pixels take',
        caption: 'Models see them divided by 255, from 0 to 1. The share is on a logarithmic axis.',
        altText: `${formatShare(histograms.train[0] ?? 0)} of training pixels are 0 and ${formatShare(histograms.train[255] ?? 0)} are 255.`,
        x: { label: 'pixel value (0 black, 255 white)', min: 0, max: 255 },
        y: { label: 'share of pixels (%)', log: true },
        lines: (['train', 'test'] as const)
          .filter((part) => data[part] > 0)
          .map((part) => ({
            name: part === 'train' ? 'training' : 'test',
            step: true as const,
            points: [...histograms[part]].map((share, value) => [value, 100 * share] as const),
          })),
      }),
    ),
  ];
  return [
    markup`<p>${name}: ${number(data.train)} training and ${number(data.test)} test images of ${width} by ${height} pixels, ${channels === 1 ? 'grey' : `${channels} channels`}, ${kinds}.</p>`,
    ...shown,
    barTable({
      name: 'data-ranges',
      caption: 'Value ranges before and after normalising',
      columns: ['', 'least', 'most', 'mean', 'standard deviation'],
      rows: ranges.map(({ name: row, min, max, mean, deviation }) => ({
        name: row,
        cells: [min, max, mean, deviation].map((value) => ({ text: formatNumber(value) })),
      })),
    }),
  ];
}

function balanceTitle({ classes }: ImageData): string {
  const counts = classes.map(({ train }) => train);
  const ratio = Math.max(...counts) / Math.max(1, Math.min(...counts));
  return ratio < 1.01
    ? 'All classes have as many training images'
    : `The largest class has ${formatNumber(ratio)} times as many training images as the smallest`;
}

const mostShown = 12;

async function showTable(data: TableData): Promise<(Markup | ReportFigure)[]> {
  const { name, rows, anomalous, columns, left, correlations } = data;
  const both = anomalous !== undefined && anomalous > 0;
  const ranked = columns.toSorted((a, b) => (b.difference ?? 0) - (a.difference ?? 0)).slice(0, mostShown);
  const plots = ranked.map((column, i) => distributionPlot(column, i, both));
  const share = both
    ? `, ${number(anomalous)} of them (${formatShare(anomalous / rows)}) labelled anomalous`
    : '';
  const figures = await Promise.all(plots.map(plotFigure));
  return [
    markup`<p>${name}: ${number(rows)} rows${share}; ${columns.length} columns that a detector can learn from${left.length > 0 ? `, ${left.length} others` : ''}.</p>`,
    barTable({
      name: 'data-columns',
      caption: 'Columns; the bar of the last shows how much normal and anomalous rows differ there',
      columns: [
        'column',
        'kind',
        'missing',
        'least or most frequent',
        'median',
        'most',
        ...(both ? ['difference'] : []),
      ],
      rows: columns.map((column) => ({ name: column.name, cells: summaryCells(column, both) })),
    }),
    ...(left.length > 0
      ? [
          barTable({
            name: 'data-columns-left-out',
            caption: 'Columns that are left out',
            columns: ['column', 'why'],
            rows: left.map((each) => ({ name: each.name, cells: [{ text: each.why }] })),
          }),
        ]
      : []),
    ...(figures.length > 0 && columns.length > mostShown
      ? [
          markup`<p class="soft">The ${mostShown} columns ${both ? 'in which the two kinds differ most' : 'that come first'}.</p>`,
        ]
      : []),
    ...figures,
    ...(correlations.names.length > 1
      ? [
          await plotFigure(
            matrixPlot({
              name: 'data-correlations',
              title: 'How numbers go together: correlations of columns',
              caption: '1 (vermillion): they rise together; −1 (blue): one falls as the other rises.',
              altText: `Correlations of ${correlations.names.length} columns.`,
              ...correlations,
            }),
          ),
        ]
      : []),
  ];
}

function summaryCells({ kind, missing, range, distinct, common, difference }: ColumnSummary, both: boolean) {
  const values = range?.map(formatNumber) ?? [
    common ?? '–',
    distinct === undefined ? '–' : `${number(distinct)} values`,
    '–',
  ];
  return [
    { text: kind },
    { text: formatShare(missing), share: missing },
    ...values.map((text) => ({ text })),
    ...(both ? [{ text: difference === undefined ? '–' : difference.toFixed(2), share: difference }] : []),
  ];
}

function distributionPlot(column: ColumnSummary, place: number, both: boolean): Plot {
  const { name, distribution, difference, missing } = column;
  const { edges, names = [], normal, anomalous } = distribution;
  const kinds = [
    { name: both ? 'normal' : 'all rows', colour: normalColour, shares: normal },
    ...(both ? [{ name: 'anomalous', colour: anomalousColour, shares: anomalous }] : []),
  ];
  const shared = {
    name: `data-column-${place + 1}`,
    title: `${name}: ${edges === undefined ? 'shares of its values' : 'distribution'}${difference === undefined ? '' : `, difference ${difference.toFixed(2)}`}`,
    altText: `Distribution of ${name}; ${formatShare(missing)} of rows have no value${difference === undefined ? '' : `; normal and anomalous rows differ by ${difference.toFixed(2)} of 1`}.`,
  };
  if (edges === undefined) {
    return barPlot({
      ...shared,
      groups: names,
      label: 'share of rows of the kind (%)',
      bars: kinds.map((kind) => ({ ...kind, values: kind.shares.map((share) => 100 * share) })),
    });
  }
  const steps = (shares: readonly number[]) =>
    [...shares, shares.at(-1) ?? 0].map((share, i) => [edges[i] ?? 0, 100 * share] as const);
  return linePlot({
    ...shared,
    height: 230,
    caption: 'The outer bins hold what lies beyond them.',
    x: { label: name, min: edges[0] ?? 0, max: edges.at(-1) ?? 1 },
    y: { label: 'share (%)', min: 0 },
    lines: kinds.map((kind) => ({
      name: kind.name,
      colour: kind.colour,
      step: true,
      area: true,
      points: steps(kind.shares),
    })),
  });
}
