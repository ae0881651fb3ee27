// How a training went: each part of the loss over the epochs.

import { OddityError } from '../errors.ts';
import { chartGrid, chartLegend, drawChart, valueAxis } from './chart.ts';
import { palette } from './colours.ts';
import { type Figure, type FigureOptions, frameFigure } from './figure.ts';
import { formatDuration, formatNumber } from './format.ts';

/** One epoch: mean losses by name, and how long it took. */
export interface EpochRecord {
  readonly epoch: number;
  readonly losses: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** What may be set on a training curve. */
export interface TrainingCurveOptions extends FigureOptions {
  /** What the losses are measured in; 'nats per image' unless given. */
  readonly unit?: string;
}

const dashes = ['solid', [7, 4], [2, 3], [9, 3, 2, 3], 'solid', [7, 4], [2, 3]] as const;

/**
 * Draws one line per loss over the epochs; the legend gives each one's last value.
 * @throws OddityError BAD_DATA for an empty history or one without a finite loss.
 */
export async function trainingCurve(
  history: readonly EpochRecord[],
  options: TrainingCurveOptions = {},
): Promise<Figure> {
  const { name = 'training-curve', title = 'The loss over the epochs of training' } = options;
  const { unit = 'nats per image' } = options;
  const names = [...new Set(history.flatMap((record) => Object.keys(record.losses)))];
  const lines = names
    .map((loss) => ({
      loss,
      data: history.map(({ epoch, losses }) => [epoch, finite(losses[loss])] as const),
      last: history.map(({ losses }) => losses[loss]).findLast((value) => finite(value) !== null),
    }))
    .filter((line) => line.last !== undefined);
  if (lines.length === 0) {
    throw new OddityError('BAD_DATA', 'a training curve needs an epoch with a finite loss, got none');
  }
  const label = (line: { loss: string; last?: number | undefined }) =>
    `${line.loss}  ${formatNumber(line.last ?? 0)}`;
  const seconds = history.reduce((sum, record) => sum + record.seconds, 0);
  const epochs = history.map((record) => record.epoch);
  const first = Math.min(...epochs);
  const last = Math.max(...epochs);
  const subtitle =
    options.subtitle ??
    `${history.length} ${history.length === 1 ? 'epoch' : 'epochs'} in ${formatDuration(seconds)}; the legend gives the last values`;
  const marked = history.length <= 30;
  const chart = await drawChart(
    {
      grid: chartGrid(34),
      legend: { ...chartLegend(lines.map(label)), itemStyle: { opacity: marked ? 1 : 0 } },
      xAxis: valueAxis('epoch', 28, {
        min: first === last ? first - 1 : first,
        max: first === last ? first + 1 : last,
        minInterval: 1,
        splitLine: { show: false },
      }),
      yAxis: valueAxis(`loss (${unit})`, 40, { scale: true }),
      series: lines.map((line, index) => ({
        type: 'line',
        name: label(line),
        data: line.data,
        connectNulls: true,
        showSymbol: marked,
        symbol: 'circle',
        symbolSize: 5,
        lineStyle: { width: 2, type: dashes[index % dashes.length] },
        color: palette[index % palette.length],
      })),
    },
    400,
  );
  const ends = lines.map((line) => `${line.loss} ends at ${formatNumber(line.last ?? 0)}`).join(', ');
  const altText = `${title}. Losses in ${unit} over ${history.length} epochs: ${ends}.`;
  return frameFigure(chart, { name, title, subtitle, altText });
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
