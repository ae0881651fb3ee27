// How well scores part the normal from the anomalous: two histograms and the threshold between them.

import { OddityError } from '../errors.ts';
import { chartGrid, chartLegend, chartText, drawChart, valueAxis } from './chart.ts';
import { anomalousColour, normalColour } from './colours.ts';
import { type Figure, type FigureOptions, frameFigure, ink } from './figure.ts';
import { formatNumber, formatShare } from './format.ts';

/** Scores of both kinds; either may be empty, not both. What scores above `threshold` counts as flagged. */
export interface ScoreHistogramOptions extends FigureOptions {
  readonly normal: Float32Array;
  readonly anomalous: Float32Array;
  readonly threshold: number;
  /** The false-alarm rate that the threshold was made for, in [0, 1]. */
  readonly askedFalseAlarmRate?: number;
  /** What is scored, in the plural; 'images' unless given. */
  readonly noun?: string;
  /** Name of the score with its unit; 'anomaly score' unless given. */
  readonly scoreLabel?: string;
}

const kinds = ['normal', 'anomalous'] as const;

/**
 * Draws both histograms over shared bins, each as a share of its own kind, and the threshold as a dashed line
 * with the false-alarm rate asked for and measured.
 * @throws OddityError BAD_DATA when there is no score or one is NaN.
 */
export async function scoreHistogram(options: ScoreHistogramOptions): Promise<Figure> {
  const { normal, anomalous, threshold, askedFalseAlarmRate: asked, noun = 'images' } = options;
  const { name = 'score-histogram', scoreLabel = 'anomaly score' } = options;
  if (normal.length + anomalous.length === 0) {
    throw new OddityError('BAD_DATA', 'a score histogram needs scores, got none');
  }
  if (normal.some(Number.isNaN) || anomalous.some(Number.isNaN) || !Number.isFinite(threshold)) {
    throw new OddityError('BAD_DATA', 'a score histogram needs scores that are numbers, got NaN among them');
  }
  const scale = chooseBins(normal, anomalous, threshold);
  const measured = shareAbove(normal, threshold);
  const caught = shareAbove(anomalous, threshold);
  const present = kinds.filter((kind) => options[kind].length > 0);
  const { title = `Scores of ${present.join(' and ')} ${noun}` } = options;
  const legendName = (kind: (typeof kinds)[number]) =>
    `${kind} (${options[kind].length.toLocaleString('en-US')})`;
  const rates = `false alarms: ${asked === undefined ? '' : `asked ${formatShare(asked)}, `}measured ${formatShare(measured)}`;
  const onLeft = (threshold - scale.low) / (scale.high - scale.low) < 0.55;
  const chart = await drawChart(
    {
      grid: chartGrid(50),
      legend: chartLegend(present.map(legendName), 'roundRect'),
      xAxis: valueAxis(`${scoreLabel} (higher is more anomalous)`, 28, {
        min: scale.low,
        max: scale.high,
        splitLine: { show: false },
        axisLabel: { customValues: scale.ticks, formatter: formatNumber },
        axisTick: { customValues: scale.ticks },
      }),
      yAxis: valueAxis(`share of ${noun} per bin (%)`, 34, { min: 0 }),
      series: present.map((kind, index) => ({
        type: 'line',
        step: 'end',
        name: legendName(kind),
        data: binShares(options[kind], scale),
        symbol: 'none',
        color: kind === 'normal' ? normalColour : anomalousColour,
        lineStyle: { width: 1.5 },
        areaStyle: { opacity: 0.32 },
        ...(index === 0
          ? {
              markLine: {
                silent: true,
                symbol: 'none',
                data: [{ xAxis: threshold }],
                lineStyle: { color: ink.strong, type: [5, 4], width: 1.5 },
                label: {
                  ...chartText,
                  color: ink.strong,
                  position: 'end',
                  distance: 6,
                  align: onLeft ? 'left' : 'right',
                  formatter: `threshold ${formatNumber(threshold)} · ${rates}`,
                },
              },
            }
          : {}),
      })),
    },
    410,
  );
  const found =
    anomalous.length === 0 ? '' : `${formatShare(caught)} of the anomalous ${noun} lie above the threshold`;
  const beyond = scale.beyond === 0 ? '' : `${scale.beyond} beyond the axis are counted in its last bins`;
  const subtitle = options.subtitle ?? [found, beyond].filter((part) => part !== '').join('; ');
  const altText = `${title}. Histograms of ${normal.length} normal and ${anomalous.length} anomalous scores with the threshold at ${formatNumber(threshold)}; ${rates}${found === '' ? '' : `; ${found}`}.`;
  return frameFigure(chart, { name, title, subtitle, altText });
}

interface Bins {
  readonly low: number;
  readonly high: number;
  readonly step: number;
  readonly ticks: number[];
  /** How many scores lie outside [low, high]. */
  readonly beyond: number;
}

/** Round bin edges over nearly all scores; a long tail is cut where it would squeeze the rest. */
function chooseBins(normal: Float32Array, anomalous: Float32Array, threshold: number): Bins {
  const ends = [normal, anomalous].flatMap((scores) => {
    const sorted = scores.filter(Number.isFinite).sort();
    const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))];
    const [low, high] = [at(0.002), at(0.995)];
    if (low === undefined || high === undefined) return [];
    const reach = (high - low) * 0.25;
    return [Math.max(at(0) ?? low, low - reach), Math.min(at(1) ?? high, high + reach)];
  });
  const least = Math.min(threshold, ...ends);
  // A threshold beyond all scores stays clear of the frame.
  const most = Math.max(threshold + 0.02 * (threshold - least), ...ends);
  const range = most > least ? most - least : Math.max(Math.abs(most), 1) * 0.1;
  const tick = roundStep(range / 6);
  const step = tick / (normal.length + anomalous.length > 1000 ? 20 : 10);
  const low = Math.floor(least / step - 1e-9) * step;
  const high = Math.ceil((least + range) / step + 1e-9) * step;
  const ticks: number[] = [];
  for (let index = Math.ceil(low / tick - 1e-9); index * tick <= high + step / 2; index++) {
    ticks.push(Number((index * tick).toPrecision(12)));
  }
  const outside = (scores: Float32Array) => scores.filter((score) => score < low || score > high).length;
  return { low, high, step, ticks, beyond: outside(normal) + outside(anomalous) };
}

/** The step line of a histogram: [bin start, share in %], closed at both ends. */
function binShares(scores: Float32Array, { low, high, step }: Bins): [number, number][] {
  const counts = new Array<number>(Math.max(1, Math.round((high - low) / step))).fill(0);
  for (const score of scores) {
    const bin = Math.min(counts.length - 1, Math.max(0, Math.floor((score - low) / step)));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const shares = counts.map((count) => (100 * count) / scores.length);
  return [
    ...shares.map((share, bin): [number, number] => [low + bin * step, share]),
    [high, shares.at(-1) ?? 0],
  ];
}

/** The next of 1, 2, 5 times a power of ten. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return power * ([1, 2, 5].find((factor) => factor * power >= step * 0.999) ?? 10);
}

function shareAbove(scores: Float32Array, threshold: number): number {
  return scores.filter((score) => score > threshold).length / scores.length;
}
