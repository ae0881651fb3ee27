// Numbers in groups: a bar for each model in each group, and a line to hold them against.

import { OddityError } from '../errors.ts';
import { chartGrid, chartLegend, chartText, drawChart, valueAxis } from './chart.ts';
import { type Figure, type FigureOptions, frameFigure, ink } from './figure.ts';
import { measureText, shortenText } from './font.ts';
import { formatNumber } from './format.ts';

export interface BarSeries {
  readonly name: string;
  readonly colour: string;
  /** One value per group; undefined where there is none. */
  readonly values: readonly (number | undefined)[];
}

export interface GroupedBarsOptions extends FigureOptions {
  readonly groups: readonly string[];
  readonly series: readonly BarSeries[];
  /** What is measured, with its unit. */
  readonly valueLabel: string;
  readonly groupLabel?: string;
  readonly most?: number;
  /** A dashed line, such as what chance gives. */
  readonly line?: { readonly at: number; readonly label: string };
}

/** Draws the bars from zero. Throws BAD_DATA where there is no value at all. */
export async function groupedBars(options: GroupedBarsOptions): Promise<Figure> {
  const { groups, series, valueLabel, groupLabel = '', most, line } = options;
  const { name = 'bars', title = valueLabel, subtitle } = options;
  if (!series.some(({ values }) => values.some((value) => value !== undefined))) {
    throw new OddityError('BAD_DATA', 'a bar chart needs a value, got none');
  }
  const room = 690 / groups.length - 4;
  const isCrowded = groups.some((group) => measureText(group, chartText.fontSize) > room);
  const chart = await drawChart(
    {
      grid: { ...chartGrid(40, line === undefined ? 20 : Math.ceil(measureText(line.label, 12)) + 14) },
      legend: chartLegend(
        series.map((each) => each.name),
        'roundRect',
      ),
      xAxis: {
        type: 'category',
        data: groups.map((group) => shortenText(group, isCrowded ? 90 : room, chartText.fontSize)),
        name: groupLabel,
        nameLocation: 'middle',
        nameGap: isCrowded ? 66 : 28,
        nameTextStyle: { ...chartText, fontSize: 12.5 },
        axisLabel: { ...chartText, interval: 0, rotate: isCrowded ? 40 : 0 },
        axisTick: { show: false },
        axisLine: { lineStyle: { color: '#9aa2ab' } },
      },
      yAxis: valueAxis(valueLabel, 40, { min: 0, ...(most === undefined ? {} : { max: most }) }),
      series: series.map((each, index) => ({
        type: 'bar',
        name: each.name,
        data: each.values.map((value) => value ?? null),
        color: each.colour,
        barMaxWidth: 34,
        barGap: '8%',
        barCategoryGap: '28%',
        ...(index === 0 && line !== undefined ? { markLine: dashedLine(line) } : {}),
      })),
    },
    isCrowded ? 420 : 370,
  );
  const said = series.map(
    (each) =>
      `${each.name}: ${groups.map((group, i) => `${group} ${each.values[i] === undefined ? 'none' : formatNumber(each.values[i])}`).join(', ')}`,
  );
  const altText = `${title}. ${valueLabel} ${said.join('; ')}.`;
  return frameFigure(chart, { name, title, subtitle, altText });
}

/** A dashed line across a chart, its name at the right end. */
export function dashedLine({ at, label }: { readonly at: number; readonly label: string }) {
  return {
    silent: true,
    symbol: 'none',
    data: [{ yAxis: at }],
    lineStyle: { color: ink.strong, type: [5, 4], width: 1.3 },
    label: { ...chartText, color: ink.strong, position: 'end', distance: 6, formatter: label },
  };
}
