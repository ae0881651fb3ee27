// The losses of several models, a panel for each, a line for each loss part and seed.

import { OddityError } from '../errors.ts';
import { chartGrid, chartLegend, chartText, drawChart, valueAxis } from './chart.ts';
import { palette } from './colours.ts';
import { type Figure, type FigureOptions, frameFigure } from './figure.ts';
import { measureText } from './font.ts';
import { formatNumber } from './format.ts';
import { arrangePanels, type Panel, planPanels } from './panels.ts';

/** The epochs of one model's trainings, one history for each seed. */
export interface LossPanel {
  readonly heading: string;
  readonly colour: string;
  readonly histories: readonly (readonly {
    readonly epoch: number;
    readonly losses: Readonly<Record<string, number>>;
  }[])[];
}

const dashes = ['solid', [7, 4], [2, 3], [9, 3, 2, 3]] as const;

/** Draws a panel for each model that has an epoch. Throws BAD_DATA where none has. */
export async function lossPanels(models: readonly LossPanel[], options: FigureOptions = {}): Promise<Figure> {
  const {
    name = 'losses',
    title = 'Losses over the epochs of training, a line for each seed',
    subtitle,
  } = options;
  const trained = models.filter(({ histories }) => histories.some((history) => history.length > 0));
  if (trained.length === 0) throw new OddityError('BAD_DATA', 'loss curves need an epoch, got none');
  const layout = planPanels(trained.length, 340);
  const legendRows = Math.max(
    ...trained.map(({ histories }) => countLegendRows(partsOf(histories), layout.width)),
  );
  const panels = await Promise.all(
    trained.map(async ({ heading, colour, histories }): Promise<Panel> => {
      const block = await drawLosses(histories, layout.width, legendRows);
      return { heading, colour, block };
    }),
  );
  const said = trained.map(({ heading, histories }) => {
    const last = histories.findLast((history) => history.length > 0)?.at(-1)?.losses ?? {};
    const ends = Object.entries(last).map(([part, value]) => `${part} ends at ${formatNumber(value)}`);
    return `${heading}: ${ends.join(', ')}`;
  });
  const altText = `${title}. ${said.join('; ')}.`;
  return frameFigure(arrangePanels(panels, layout), { name, title, subtitle, altText });
}

const partsOf = (histories: LossPanel['histories']): string[] => [
  ...new Set(histories.flatMap((history) => history.flatMap(({ losses }) => Object.keys(losses)))),
];

/** Rows that ECharts will break a legend into: each entry is its mark, its text and the gap after it. */
function countLegendRows(parts: readonly string[], width: number): number {
  let [rows, used] = [1, 0];
  for (const part of parts) {
    const entry = 28 + 6 + measureText(part, chartText.fontSize);
    if (used > 0 && used + entry > width) [rows, used] = [rows + 1, 0];
    used += entry + 20;
  }
  return rows;
}

const legendRowHeight = 33;

function drawLosses(histories: LossPanel['histories'], width: number, legendRows: number) {
  const parts = partsOf(histories);
  const epochs = histories.flatMap((history) => history.map(({ epoch }) => epoch));
  const [first, last] = [Math.min(...epochs), Math.max(...epochs)];
  return drawChart(
    {
      grid: chartGrid(34 + (legendRows - 1) * legendRowHeight),
      legend: chartLegend(parts),
      xAxis: valueAxis('epoch', 28, {
        min: first === last ? first - 1 : first,
        max: first === last ? first + 1 : last,
        minInterval: 1,
        splitLine: { show: false },
      }),
      yAxis: valueAxis('loss per image', 40, { scale: true }),
      series: parts.flatMap((part, i) =>
        histories.map((history) => ({
          type: 'line',
          name: part,
          data: history.flatMap(({ epoch, losses }) => {
            const value = losses[part];
            return value === undefined || !Number.isFinite(value) ? [] : [[epoch, value]];
          }),
          symbol: 'circle',
          symbolSize: 4,
          showSymbol: history.length <= 10,
          lineStyle: { width: 1.6, type: dashes[i % dashes.length], opacity: 0.8 },
          color: palette[i % palette.length],
        })),
      ),
    },
    280 + (legendRows - 1) * legendRowHeight,
    width,
  );
}
