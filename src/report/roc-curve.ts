// Every trade-off that a score offers between anomalies caught and false alarms raised.

import { OddityError } from '../errors.ts';
import { chartGrid, chartText, drawChart, valueAxis } from './chart.ts';
import { anomalousColour, normalColour } from './colours.ts';
import { type Figure, type FigureOptions, frameFigure, ink } from './figure.ts';
import { measureText } from './font.ts';
import { formatShare } from './format.ts';

/** A receiver operating characteristic: both rates in [0, 1], ascending, of equal length. */
export interface RocCurveOptions extends FigureOptions {
  readonly falsePositiveRate: ArrayLike<number>;
  readonly truePositiveRate: ArrayLike<number>;
  readonly auroc: number;
  /** Where the detector stands with its threshold. */
  readonly operatingPoint?: { readonly falsePositiveRate: number; readonly truePositiveRate: number };
}

const side = 440;

/**
 * Draws the curve, the diagonal of chance and the operating point.
 * @throws OddityError BAD_DATA for fewer than two points, unequal lengths or rates outside [0, 1].
 */
export async function rocCurve(options: RocCurveOptions): Promise<Figure> {
  const { falsePositiveRate: fpr, truePositiveRate: tpr, auroc, operatingPoint: point } = options;
  const { name = 'roc-curve', title = 'Anomalies caught against false alarms (ROC)' } = options;
  if (fpr.length !== tpr.length || fpr.length < 2) {
    throw new OddityError(
      'BAD_DATA',
      `a ROC curve needs two or more points with both rates, got ${fpr.length} and ${tpr.length}`,
    );
  }
  const all = [...Array.from(fpr), ...Array.from(tpr)];
  if (!all.every((rate) => rate >= 0 && rate <= 1)) {
    throw new OddityError('BAD_DATA', 'a ROC curve needs rates between 0 and 1, got others among them');
  }
  const subtitle = options.subtitle ?? `AUROC ${auroc.toFixed(4)}; the dashed diagonal is chance (0.5)`;
  const percent = { formatter: (value: number) => `${Math.round(value * 100)}` };
  const axis = { min: 0, max: 1, interval: 0.2, axisLabel: percent };
  const chart = await drawChart(
    {
      grid: chartGrid(8, 16),
      xAxis: valueAxis('false alarms: normal flagged (%)', 28, axis),
      yAxis: valueAxis('caught: anomalous flagged (%)', 34, axis),
      series: [
        {
          type: 'line',
          silent: true,
          symbol: 'none',
          data: [
            [0, 0],
            [1, 1],
          ],
          lineStyle: { color: ink.faint, type: [5, 4], width: 1.2 },
        },
        {
          type: 'line',
          symbol: 'none',
          data: thin(fpr, tpr),
          color: normalColour,
          lineStyle: { width: 2.5 },
          areaStyle: { opacity: 0.1 },
        },
        ...(point === undefined ? [] : [drawPoint(point)]),
      ],
    },
    side + 58,
    side + 74,
  );
  const stand =
    point === undefined
      ? ''
      : ` The detector stands at ${formatShare(point.truePositiveRate)} caught for ${formatShare(point.falsePositiveRate)} false alarms.`;
  return frameFigure(chart, {
    name,
    title,
    subtitle,
    altText: `${title}. ROC curve with an area of ${auroc.toFixed(4)}.${stand}`,
  });
}

function drawPoint(point: { falsePositiveRate: number; truePositiveRate: number }) {
  const { falsePositiveRate: x, truePositiveRate: y } = point;
  const lines = [`this threshold: ${formatShare(y)} caught,`, `${formatShare(x)} false alarms`];
  return {
    type: 'scatter',
    data: [[x, y]],
    symbolSize: 11,
    z: 5,
    itemStyle: { color: anomalousColour, borderColor: '#ffffff', borderWidth: 1.5, opacity: 1 },
    label: {
      ...chartText,
      show: true,
      position: x > 0.55 ? 'left' : 'right',
      distance: 10,
      offset: [0, y > 0.9 ? 22 : y < 0.1 ? -22 : 14],
      lineHeight: 16,
      padding: [3, 6],
      borderRadius: 3,
      backgroundColor: 'rgba(255,255,255,0.88)',
      width: Math.ceil(Math.max(...lines.map((line) => measureText(line, chartText.fontSize)))),
      formatter: lines.join('\n'),
    },
  };
}

/** Leaves out points closer than a thousandth to the last one kept, which no eye would miss. */
function thin(fpr: ArrayLike<number>, tpr: ArrayLike<number>): [number, number][] {
  const kept: [number, number][] = [];
  for (let index = 0; index < fpr.length; index++) {
    const next: [number, number] = [fpr[index] ?? 0, tpr[index] ?? 0];
    const last = kept.at(-1);
    const far = last === undefined || Math.abs(next[0] - last[0]) + Math.abs(next[1] - last[1]) >= 0.001;
    if (far || index === fpr.length - 1) kept.push(next);
  }
  return kept;
}
