// One number over the seeds of each model: a dot for each training, so that luck can be told from skill.

import { OddityError } from '../errors.ts';
import { chartGrid, chartText, drawChart, valueAxis } from './chart.ts';
import { type Figure, type FigureOptions, frameFigure } from './figure.ts';
import { measureText } from './font.ts';
import { formatNumber } from './format.ts';
import { dashedLine } from './grouped-bars.ts';

export interface SeedSeries {
  readonly name: string;
  readonly colour: string;
  readonly values: readonly number[];
}

export interface SeedSpreadOptions extends FigureOptions {
  readonly series: readonly SeedSeries[];
  /** What is measured, with its unit; positive numbers, drawn on a logarithmic axis. */
  readonly valueLabel: string;
  /** Dashed lines, such as the best that can be had. */
  readonly lines?: readonly { readonly at: number; readonly label: string }[];
}

/** Draws the dots, each model in its column. Throws BAD_DATA where no model has a value above 0. */
export async function seedSpread(options: SeedSpreadOptions): Promise<Figure> {
  const { series, valueLabel, lines = [] } = options;
  const { name = 'seeds', title = `${valueLabel} of each training`, subtitle } = options;
  const all = [...series.flatMap(({ values }) => values), ...lines.map(({ at }) => at)].filter((v) => v > 0);
  if (!series.some(({ values }) => values.some((value) => value > 0))) {
    throw new OddityError('BAD_DATA', 'a spread over seeds needs a positive value, got none');
  }
  const [low, high] = [Math.min(...all) / 1.4, Math.max(...all) * 1.4];
  const ticks = logarithmicTicks(low, high);
  const right = Math.max(20, ...lines.map(({ label }) => Math.ceil(measureText(label, 12)) + 14));
  const chart = await drawChart(
    {
      grid: chartGrid(14, right),
      xAxis: {
        type: 'category',
        data: series.map((each) => each.name),
        axisLabel: { ...chartText, interval: 0 },
        axisTick: { show: false },
        axisLine: { lineStyle: { color: '#9aa2ab' } },
      },
      yAxis: {
        ...valueAxis(valueLabel, 46, {
          axisLabel: { customValues: ticks, formatter: formatNumber, hideOverlap: true },
          axisTick: { customValues: ticks },
        }),
        type: 'log',
        min: low,
        max: high,
        splitLine: { show: false },
      },
      series: series.map((each, index) => ({
        type: 'scatter',
        name: each.name,
        data: each.values.filter((value) => value > 0).map((value) => [index, value]),
        symbolSize: 13,
        itemStyle: { color: each.colour, opacity: 0.75, borderColor: '#ffffff', borderWidth: 1 },
        ...(index === 0
          ? {
              markLine: {
                ...dashedLine({ at: 0, label: '' }),
                data: lines.map(({ at, label }) => ({ yAxis: at, label: { formatter: label } })),
              },
            }
          : {}),
      })),
    },
    360,
  );
  const said = series.map((each) => `${each.name} ${each.values.map(formatNumber).join(', ') || 'none'}`);
  const held = lines.map(({ at, label }) => `${label} ${formatNumber(at)}`);
  const altText = `${title}. ${valueLabel}: ${[...said, ...held].join('; ')}.`;
  return frameFigure(chart, { name, title, subtitle, altText });
}

/** 1, 2 and 5 times powers of ten between two numbers. */
function logarithmicTicks(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const factor of [1, 2, 5]) {
      const tick = Number((factor * 10 ** power).toPrecision(6));
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks;
}
