// A report on detectors of tables: the data, the training, what they find, and which columns are to blame.
import { rankParts, recommendDetector, tableAnswers } from '../../evaluate/exhibition/table-conclusions.ts';
import type {
  ExplainedRow,
  TableExhibition,
  TableModelExhibit,
} from '../../evaluate/exhibition/table-exhibit.ts';
import { anomalousColour, modelColour, normalColour, realColour, viridis } from '../colours.ts';
import { formatNumber, formatShare } from '../format.ts';
import { barTable } from '../page/bar-table.ts';
import type { Page, Section } from '../page/document.ts';
import { type MapGroup, mapFigure } from '../page/map-figure.ts';
import { type Markup, markup } from '../page/markup.ts';
import type { ReportFigure } from '../page/report-figure.ts';
import { barPlot } from '../plots/bar-plot.ts';
import { type Plot, plotFigure } from '../plots/plot.ts';
import { listPoints, showAnswers } from './answers.ts';
import { tableMeasures } from './comparison-measures.ts';
import { compareModels } from './comparison-tables.ts';
import { dataSection } from './data.ts';
import { detectionCharts } from './detection-charts.ts';
import { lossContent, throughputFigure } from './training.ts';

const mostColumns = 14;
const mostTold = 7;

/** The whole page but for its footer. */
export async function composeTableReport(exhibition: TableExhibition): Promise<Omit<Page, 'footer'>> {
  const { data, models } = exhibition;
  const columns = data.columns.map((column) => column.name);
  const names = models.map(({ label }) => label).join(' and ');
  return {
    title: `${data.name}: anomalies found with ${names}`,
    subtitle: `${models.length === 1 ? 'A generative model that has' : 'Generative models that have'} learnt what normal rows are, and what ${models.length === 1 ? 'it makes' : 'they make'} of these`,
    summary: showAnswers(tableAnswers(exhibition)),
    sections: [
      await dataSection(data),
      await trainingSection(models),
      await generationSection(models, columns),
      { id: 'detection', title: 'Detection', content: await detectionCharts(models, 'rows') },
      await reasonsSection(models, columns),
      {
        id: 'latent',
        title: 'Latent space',
        content: models.flatMap((model) => [
          drawMap(exhibition, model, 'pca'),
          drawMap(exhibition, model, 'tsne'),
        ]),
      },
      comparisonSection(exhibition),
    ],
  };
}

async function trainingSection(models: readonly TableModelExhibit[]): Promise<Section> {
  const content = await lossContent(models, 'row');
  const known = models.filter(({ manifest }) => manifest.history.length > 0);
  if (known.length > 0) content.push(await throughputFigure(known, 'rows'));
  return { id: 'training', title: 'Training', content };
}

async function generationSection(
  models: readonly TableModelExhibit[],
  columns: readonly string[],
): Promise<Section> {
  const told = columns.slice(0, mostTold);
  const tables = models.map(({ name, label, generation }) =>
    barTable({
      name: `generation-rows-${name}`,
      caption: `${label}: the first ten rows drawn, none chosen${columns.length > mostTold ? `; ${mostTold} of ${columns.length} columns` : ''}`,
      columns: ['', ...told],
      rows: generation.samples.map((values, i) => ({
        name: String(i + 1),
        cells: values.slice(0, mostTold).map((text) => ({ text })),
      })),
    }),
  );
  const worst = (k: number): number =>
    Math.max(...models.map(({ generation }) => generation.differences[k] ?? 0));
  const shown = [...columns.keys()].sort((a, b) => worst(b) - worst(a)).slice(0, mostColumns);
  const bars = [
    ...models.map(({ label, generation }, i) => ({
      name: label,
      colour: modelColour(i),
      values: shown.map((k) => generation.differences[k]),
    })),
    {
      name: 'two halves of the real rows',
      colour: realColour,
      values: shown.map((k) => models[0]?.generation.byChance[k]),
    },
  ];
  const plot = barPlot({
    name: 'generation-columns',
    title: 'How far the columns of drawn rows are from those of real normal rows',
    caption:
      '0 for the same distribution, 1 for none in common: the largest difference of cumulative shares, total variation for categories. What two halves of the real rows differ by is chance.',
    altText: models
      .map(
        ({ label, generation }) =>
          `${label}: ${shown
            .slice(0, 5)
            .map((k) => `${columns[k]} ${formatNumber(generation.differences[k] ?? 0)}`)
            .join(', ')}`,
      )
      .join('; ')
      .concat('.'),
    groups: shown.map((k) => columns[k] ?? ''),
    label: 'difference (0..1)',
    bars,
  });
  return {
    id: 'generation',
    title: 'Rows that the models draw',
    content: [...tables, await plotFigure(plot)],
  };
}

async function reasonsSection(
  models: readonly TableModelExhibit[],
  columns: readonly string[],
): Promise<Section> {
  const content: (Markup | ReportFigure)[] = [
    markup`<p>Each column’s part in a row’s score; the parts sum to it. Rows are counted from 0, as <code>oddity explain --row</code> counts them.</p>`,
  ];
  for (const model of models) {
    content.push(await plotFigure(blamePlot(model, columns)));
    for (const [i, row] of model.explained.entries()) {
      content.push(await plotFigure(waterfall(model, row, columns, i)));
    }
    content.push(...mistakeTables(model, columns));
  }
  return { id: 'reasons', title: 'Why rows are anomalous', content };
}

/** Empty for one model. */
function comparisonSection({ models }: TableExhibition): Section {
  return {
    id: 'comparison',
    title: models.map(({ label }) => label).join(' against '),
    content:
      models.length < 2
        ? []
        : [
            listPoints(recommendDetector(models)),
            compareModels('Measured side by side', tableMeasures, models),
          ],
  };
}

/** The most confident mistakes, and what moved their scores most. */
function mistakeTables({ name, label, mistakes }: TableModelExhibit, columns: readonly string[]): Markup[] {
  const kinds = [
    ['false-alarms', 'normal rows with the highest scores, false alarms', mistakes.falseAlarms],
    ['missed', 'anomalies with the lowest scores, missed', mistakes.missed],
  ] as const;
  return kinds
    .filter(([, , rows]) => rows.length > 0)
    .map(([kind, what, rows]) =>
      barTable({
        name: `reasons-${kind}-${name}`,
        caption: `${label}: ${what}`,
        columns: ['row', 'score', 'p-value', 'what moves the score most'],
        rows: rows.map(({ row, score, pValue, parts, values }) => ({
          name: String(row),
          cells: [
            { text: formatNumber(score) },
            { text: formatNumber(Number(pValue.toPrecision(2))) },
            {
              text: rankParts(parts)
                .slice(0, 3)
                .map((k) => `${columns[k]} = ${values[k]} (${formatNumber(parts[k] ?? 0)})`)
                .join(', '),
            },
          ],
        })),
      }),
    );
}

function blamePlot({ name, label, blame }: TableModelExhibit, columns: readonly string[]): Plot {
  const shown = rankParts(blame).slice(0, mostColumns);
  return barPlot({
    name: `reasons-columns-${name}`,
    title: `${label}: columns that raise the scores of alarms, on average`,
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
function waterfall(
  { name: model, label }: TableModelExhibit,
  { row, score, pValue, isAnomaly, parts, values }: ExplainedRow,
  columns: readonly string[],
  i: number,
): Plot {
  const order = rankParts(parts);
  const shown = order.slice(0, mostColumns - 1);
  const rest = order.slice(shown.length).reduce((sum, k) => sum + (parts[k] ?? 0), 0);
  const steps = [...shown.map((k) => parts[k] ?? 0), ...(order.length > shown.length ? [rest] : [])];
  const starts = steps.map((_, at) => steps.slice(0, at).reduce((sum, each) => sum + each, 0));
  const truth = isAnomaly === undefined ? '' : isAnomaly ? ', labelled an anomaly' : ', labelled normal';
  const names = shown.map((k) => `${columns[k]} = ${values[k]}`);
  return barPlot({
    name: `reasons-${model}-${i + 1}`,
    title: `${label}, row ${row}${truth}: how its score of ${formatNumber(score)} comes about (p ${formatNumber(Number(pValue.toPrecision(2)))})`,
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
  { mapRows, mapNumbers, isAnomaly }: TableExhibition,
  { name, label: called, map, mapTexts, detection }: TableModelExhibit,
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
    name: `latent-${method}-${name}`,
    title: `${called}: codes of rows by ${label}`,
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
        mapNumbers[i],
        points[2 * i],
        points[2 * i + 1],
        isAnomaly === undefined ? undefined : Number(isOdd(i)),
        scoreOf(i),
        detection.pValue[mapRows[i] ?? 0],
      ]),
    },
  });
}
