// Lines over an axis of numbers: losses, rates, histograms as steps, curves of detection.
import { chartGrid, drawChart, valueAxis } from '../chart.ts';
import { palette } from '../colours.ts';
import { ink } from '../figure.ts';
import { formatNumber } from '../format.ts';
import { drawLegend, type LegendEntry, type Plot, underLegend } from './plot.ts';

export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
  /** The i-th colour and dash of the palette unless given. */
  readonly colour?: string | undefined;
  readonly dash?: readonly number[] | undefined;
  readonly step?: true | undefined;
  readonly area?: true | undefined;
  /** Points of their own, without a line. */
  readonly dots?: true | undefined;
  /** Not in the legend. */
  readonly quiet?: true | undefined;
}

export interface Axis {
  /** With its unit. */
  readonly label: string;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly log?: true | undefined;
  readonly whole?: true | undefined;
  /** Whether zero need not be on it. */
  readonly free?: true | undefined;
}

export interface LinePlotOptions extends Omit<Plot, 'draw' | 'table'> {
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly Line[];
  readonly verticals?: readonly { readonly at: number; readonly label: string }[];
  readonly height?: number;
  readonly table?: Plot['table'];
}

const dashes: readonly (readonly number[] | undefined)[] = [undefined, [7, 4], [2, 3], [9, 3, 2, 3]];
const mostDots = 40;

export function linePlot({
  x,
  y,
  lines,
  verticals = [],
  height = 330,
  table,
  ...plot
}: LinePlotOptions): Plot {
  const drawn = lines.map((line, i) => ({
    ...line,
    colour: line.colour ?? palette[i % palette.length] ?? palette[0],
    dash: line.dash ?? (line.colour === undefined ? dashes[i % dashes.length] : undefined),
    points: line.points.filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b) && (!y.log || b > 0)),
  }));
  const legend: LegendEntry[] = [
    ...drawn
      .filter(({ quiet }) => !quiet)
      .map(({ name, colour, dash, dots }) => ({
        text: name,
        colour,
        dash,
        mark: dots ? ('dot' as const) : ('line' as const),
      })),
    ...verticals.map(({ label }) => ({
      text: label,
      colour: ink.strong,
      mark: 'line' as const,
      dash: [5, 4],
    })),
  ];
  const axisOf = ({ label, min, max, log, whole, free }: Axis, gap: number, isX: boolean) => ({
    ...valueAxis(label, gap, {
      ...(min === undefined ? {} : { min }),
      ...(max === undefined ? {} : { max }),
      ...(whole ? { minInterval: 1 } : {}),
      ...(free ? { scale: true } : {}),
      ...(isX ? { splitLine: { show: false } } : {}),
      // The rounded ends of an axis would stand beside ticks of the same text.
      axisLabel: {
        formatter: formatNumber,
        ...(isX && max !== undefined && !Number.isInteger(max)
          ? { showMaxLabel: false, showMinLabel: false }
          : {}),
      },
    }),
    ...(log ? { type: 'log' } : {}),
  });
  return {
    ...plot,
    table: table ?? {
      columns: ['series', x.label, y.label],
      rows: drawn.flatMap(({ name, points }) => points.map(([a, b]) => [name, a, b])),
    },
    async draw(width) {
      const above = drawLegend(legend.length > 1 || verticals.length > 0 ? legend : [], width);
      const isNarrow = width < 500;
      const body = await drawChart(
        {
          grid: chartGrid(10, 14),
          xAxis: {
            ...axisOf(x, 28, true),
            axisLine: { show: true, onZero: false, lineStyle: { color: '#9aa2ab' } },
            ...(isNarrow ? { splitNumber: 4 } : {}),
          },
          // At the left even where the x axis has numbers below zero.
          yAxis: {
            ...axisOf(y, 44, false),
            axisLine: { show: true, onZero: false, lineStyle: { color: '#9aa2ab' } },
          },
          series: drawn.map((line, i) => ({
            type: line.dots ? 'scatter' : 'line',
            data: line.points,
            step: line.step ? 'end' : false,
            symbol: 'circle',
            symbolSize: line.dots ? 11 : 4.5,
            showSymbol: !line.step && line.points.length <= mostDots && line.points.length > 0,
            silent: true,
            z: line.dots ? 6 : 3,
            color: line.colour,
            itemStyle: {
              color: line.colour,
              ...(line.dots ? { borderColor: '#ffffff', borderWidth: 1.5 } : {}),
            },
            lineStyle: { width: 2, color: line.colour, type: line.dash ?? 'solid' },
            ...(line.area ? { areaStyle: { color: line.colour, opacity: 0.14 } } : {}),
            ...(i === 0 && verticals.length > 0
              ? {
                  markLine: {
                    silent: true,
                    symbol: 'none',
                    label: { show: false },
                    lineStyle: { color: ink.strong, type: [5, 4], width: 1.4 },
                    data: verticals.map(({ at }) => ({ xAxis: at })),
                  },
                }
              : {}),
          })),
        },
        isNarrow ? Math.min(height, 270) : height,
        width,
      );
      return underLegend(above, body);
    },
  };
}
