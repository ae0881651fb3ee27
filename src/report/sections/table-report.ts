// A report on a detector of tables: the data, the training, what it finds, and which columns are to blame.
import { describeDetection, describeMistakes } from '../../evaluate/exhibition/conclusions.ts';
import type { ExplainedRow, TableExhibition } from '../../evaluate/exhibition/table-exhibit.ts';
import { anomalousColour, normalColour, viridis } from '../colours.ts';
import { formatNumber, formatShare } from '../format.ts';
import type { Page, Section } from '../page/document.ts';
import { type MapGroup, mapFigure } from '../page/map-figure.ts';
import { markup } from '../page/markup.ts';
import type { ReportFigure } from '../page/report-figure.ts';
import { barPlot } from '../plots/bar-plot.ts';
import { type Plot, plotFigure } from '../plots/plot.ts';
import { dataSection } from './data.ts';
import { detectionCharts } from './detection.ts';
import { lossFigure } from './training.ts';

const mostColumns = 14;

/** The whole page but for its footer. */
export async function composeTableReport(exhibition: TableExhibition): Promise<Omit<Page, 'footer'>> {
  const { data, name, title, manifest, detection, explained, blame } = exhibition;
  const columns = data.columns.map((column) => column.name);
  const { epochs, members } = manifest.training;
  const answers = [
    [
      'What was normal?',
      `Normal: the ${manifest.data.rows.training.toLocaleString('en-US')} rows that it was trained on, of ${manifest.data.name}. It was tested on ${data.rows.toLocaleString('en-US')} rows${data.anomalous === undefined ? '' : `, ${data.anomalous.toLocaleString('en-US')} of them anomalies`}.${data.name === manifest.data.name ? ' They come from the very table it was trained on, so many of them it had seen: measure on other rows.' : ''}`,
    ],
    [
      'Which model?',
      `${name}: ${title}${members > 1 ? `, ${members} networks` : ''}, ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}, over ${columns.length} columns.`,
    ],
    [
      'How well does it detect, and at which false-alarm rate?',
      describeDetection({ name, detection }, 'rows'),
    ],
    ['What does it get wrong?', describeMistakes({ name, detection }, 'rows')],
    ['Which columns are to blame?', blameText(columns, blame)],
  ] as const;
  const training: Section = {
    id: 'training',
    title: 'Training',
    content:
      manifest.history.length > 0 ? [await lossFigure({ name, kind: 'variational', manifest }, 'row')] : [],
  };
  const reasons: Section = {
    id: 'reasons',
    title: 'Why rows are anomalous',
    content: [
      await plotFigure(blamePlot(columns, blame)),
      ...(await Promise.all(explained.map((row, i) => plotFigure(waterfall(row, columns, i))))),
    ],
  };
  return {
    title: `${data.name}: anomalies found with ${name}`,
    subtitle: 'A generative model that has learnt what normal rows are, and what it makes of these',
    summary: markup`<dl class="answers">${answers.map(([question, answer]) => markup`<dt>${question}</dt><dd>${answer}</dd>`)}</dl>`,
    sections: [
      await dataSection(data),
      training,
      { id: 'detection', title: 'Detection', content: await detectionCharts([{ name, detection }], 'rows') },
      reasons,
      {
        id: 'latent',
        title: 'Latent space',
        content: [drawMap(exhibition, 'pca'), drawMap(exhibition, 'tsne')],
      },
    ],
  };
}

const ranked = (parts: readonly number[]): number[] =>
  [...parts.keys()].sort((a, b) => Math.abs(parts[b] ?? 0) - Math.abs(parts[a] ?? 0));

function blameText(columns: readonly string[], blame: readonly number[]): string {
  const total = blame.reduce((sum, each) => sum + Math.max(0, each), 0) || 1;
  const first = ranked(blame)
    .slice(0, 3)
    .filter((k) => (blame[k] ?? 0) > 0);
  return first.length === 0
    ? 'None stands out.'
    : `${first.map((k) => `${columns[k]} (${formatShare((blame[k] ?? 0) / total)} of what raises the scores of alarms)`).join(', ')}.`;
}

function blamePlot(columns: readonly string[], blame: readonly number[]): Plot {
  const shown = ranked(blame).slice(0, mostColumns);
  return barPlot({
    name: 'reasons-columns',
    title: 'Columns that raise the scores of alarms, on average',
    altText: `Mean parts: ${shown
      .slice(0, 5)
      .map((k) => `${columns[k]} ${formatNumber(blame[k] ?? 0)}`)
      .join(', ')}.`,
    groups: shown.map((k) => columns[k] ?? ''),
    label: 'mean part in the score',
    bars: [
      {
        name: '',
        colour: anomalousColour,
        colours: shown.map((k) => ((blame[k] ?? 0) < 0 ? normalColour : anomalousColour)),
        values: shown.map((k) => blame[k]),
      },
    ],
  });
}

/** From nothing to the row's score, column by column, the largest parts first. */
export function waterfall(
  { row, score, pValue, isAnomaly, parts, values }: ExplainedRow,
  columns: readonly string[],
  i: number,
): Plot {
  const order = ranked(parts);
  const shown = order.slice(0, mostColumns - 1);
  const rest = order.slice(shown.length).reduce((sum, k) => sum + (parts[k] ?? 0), 0);
  const steps = [...shown.map((k) => parts[k] ?? 0), ...(order.length > shown.length ? [rest] : [])];
  const starts = steps.map((_, at) => steps.slice(0, at).reduce((sum, each) => sum + each, 0));
  const truth = isAnomaly === undefined ? '' : isAnomaly ? ', labelled an anomaly' : ', labelled normal';
  const names = shown.map((k) => `${columns[k]} = ${values[k]}`);
  return barPlot({
    name: `reasons-row-${i + 1}`,
    title: `Row ${row + 1}${truth}: how its score of ${formatNumber(score)} comes about (p ${formatNumber(Number(pValue.toPrecision(2)))})`,
    caption: 'Each bar begins where the one above it ends; the last ends at the score.',
    altText: `Largest parts: ${names
      .slice(0, 4)
      .map((name, k) => `${name} ${formatNumber(steps[k] ?? 0)}`)
      .join(', ')}.`,
    groups: [
      ...names,
      ...(order.length > shown.length ? [`${order.length - shown.length} others`] : []),
      'score',
    ],
    label: 'part in the score',
    from: [...starts, 0],
    legend: [
      { text: 'raises the score', colour: anomalousColour },
      { text: 'lowers it', colour: normalColour },
    ],
    bars: [
      {
        name: '',
        colour: anomalousColour,
        colours: [...steps.map((step) => (step < 0 ? normalColour : anomalousColour)), '#66707a'],
        values: [...steps, steps.reduce((sum, each) => sum + each, 0)],
      },
    ],
  });
}

const scoreSteps = 6;

function drawMap(
  { map, mapRows, mapTexts, detection, isAnomaly, name }: TableExhibition,
  method: 'pca' | 'tsne',
): ReportFigure {
  const rows = [...mapRows.keys()];
  const points = map[method];
  const isOdd = (i: number): boolean => isAnomaly?.[mapRows[i] ?? 0] === 1;
  const scoreOf = (i: number): number => detection.score[mapRows[i] ?? 0] ?? 0;
  const sorted = rows.map(scoreOf).sort((a, b) => a - b);
  const limits = Array.from(
    { length: scoreSteps - 1 },
    (_, k) => sorted[Math.floor(((k + 1) * sorted.length) / scoreSteps)] ?? 0,
  );
  const stepOf = (i: number): number => limits.filter((limit) => scoreOf(i) >= limit).length;
  const byScore = Array.from({ length: scoreSteps }, (_, k): MapGroup[] => {
    const shared = {
      name:
        k === 0 ? `score under ${formatNumber(limits[0] ?? 0)}` : `from ${formatNumber(limits[k - 1] ?? 0)}`,
      colour: viridis(0.12 + (0.8 * k) / (scoreSteps - 1)),
    };
    const own = rows.filter((i) => stepOf(i) === k);
    return [
      { ...shared, mark: 'dot', rows: own.filter((i) => !isOdd(i)) },
      { ...shared, mark: 'cross', rows: own.filter(isOdd), quiet: true },
    ];
  }).flat();
  const label = method === 'pca' ? 'PCA' : 't-SNE';
  const kept =
    map.kept === undefined ? '' : `${formatShare(map.kept[method])} of the ten nearest neighbours are kept. `;
  return mapFigure({
    name: `latent-${method}`,
    title: `${name}: codes of rows by ${label}`,
    caption: `${kept}Axes have no unit. Point at a mark to see its row.`,
    altText: `${rows.length} codes of ${map.dimension} dimensions on a plane by ${label}.`,
    points,
    panels: [
      ...(isAnomaly === undefined
        ? []
        : [
            {
              heading: 'normal and anomalous',
              groups: [
                {
                  name: 'normal',
                  colour: normalColour,
                  mark: 'dot' as const,
                  rows: rows.filter((i) => !isOdd(i)),
                },
                {
                  name: 'anomalous',
                  colour: anomalousColour,
                  mark: 'cross' as const,
                  rows: rows.filter(isOdd),
                },
              ],
            },
          ]),
      {
        heading: isAnomaly === undefined ? 'by anomaly score' : 'by anomaly score; crosses are anomalies',
        groups: byScore,
      },
    ],
    texts: mapTexts,
    table: {
      columns: ['row', 'x', 'y', 'anomalous', 'score', 'p-value'],
      rows: rows.map((i) => [
        (mapRows[i] ?? 0) + 1,
        points[2 * i],
        points[2 * i + 1],
        isAnomaly === undefined ? undefined : Number(isOdd(i)),
        scoreOf(i),
        detection.pValue[mapRows[i] ?? 0],
      ]),
    },
  });
}
