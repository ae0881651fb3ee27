// How models detect, from scores alone, so of images and tables alike: scores, curves, promises kept, costs, classes.
import type { Detection, KnownTruth } from '../../evaluate/exhibition/detection.ts';
import { anomalousColour, modelColour, normalColour } from '../colours.ts';
import { formatNumber, formatShare } from '../format.ts';
import { barTable } from '../page/bar-table.ts';
import type { Markup } from '../page/markup.ts';
import type { ReportFigure } from '../page/report-figure.ts';
import { barPlot } from '../plots/bar-plot.ts';
import { type Line, linePlot } from '../plots/line-plot.ts';
import { type Plot, plotFigure } from '../plots/plot.ts';
import { histogramSteps } from './score-steps.ts';

/** A detector by name, whatever its rows are. */
export interface NamedDetection {
  readonly name: string;
  readonly label: string;
  readonly detection: Detection;
}

/** Charts and tables that need scores alone: for images and for tables. */
export async function detectionCharts(
  models: readonly NamedDetection[],
  noun: string,
): Promise<(Markup | ReportFigure)[]> {
  const content: (Markup | ReportFigure)[] = [];
  for (const model of models) content.push(await plotFigure(scorePlot(model, noun)));
  const known = models.flatMap(({ label, detection: { truth } }, i) =>
    truth === undefined ? [] : [{ name: label, truth, colour: modelColour(i) }],
  );
  if (known.length > 0) {
    for (const plot of [rocPlot(known), precisionPlot(known), promisePlot(known), costPlot(known, noun)]) {
      content.push(await plotFigure(plot));
    }
  }
  for (const model of models) {
    if (model.detection.classes.length < 2) continue;
    content.push(await plotFigure(classPlot(model)), alarmTable(model));
  }
  return content;
}

function scorePlot({ name, label, detection }: NamedDetection, noun: string): Plot {
  const { score, isAnomaly, threshold, askedRate, truth } = detection;
  const of = (kind: number) => score.filter((_, row) => (isAnomaly?.[row] ?? 0) === kind);
  const steps = histogramSteps(of(0), of(1), threshold);
  const measured = truth === undefined ? '' : `, measured ${formatShare(truth.falseAlarmRate)}`;
  return linePlot({
    name: `detection-scores-${name}`,
    title:
      truth === undefined
        ? `${label}: anomaly scores of the test ${noun}`
        : `${label}: scores of normal and anomalous ${noun}`,
    caption: `What scores above the threshold is an alarm. False alarms: asked ${formatShare(askedRate)}${measured}. The outer bins hold what lies beyond them.`,
    altText: `Threshold ${formatNumber(threshold)}${truth === undefined ? '' : `; ${formatShare(truth.recall)} of anomalies and ${formatShare(truth.falseAlarmRate)} of normal ${noun} lie above it`}.`,
    x: { label: 'anomaly score (higher is more anomalous)', min: steps.low, max: steps.high },
    y: { label: `share of ${noun} of the kind (%)`, min: 0 },
    lines: [
      {
        name: isAnomaly === undefined ? `all ${noun}` : 'normal',
        colour: normalColour,
        step: true,
        area: true,
        points: steps.normal,
      },
      ...(steps.anomalous.length > 0
        ? [
            {
              name: 'anomalous',
              colour: anomalousColour,
              step: true as const,
              area: true as const,
              points: steps.anomalous,
            },
          ]
        : []),
    ],
    verticals: [{ at: threshold, label: `threshold ${formatNumber(threshold)}` }],
  });
}

interface Known {
  readonly name: string;
  readonly truth: KnownTruth;
  readonly colour: string;
}

const percent = (points: readonly (readonly [number, number])[]) =>
  points.map(([x, y]) => [100 * x, 100 * y] as const);
/** A curve of each model, and what chance would give. */
const curves = (
  known: readonly Known[],
  of: (truth: KnownTruth) => readonly (readonly [number, number])[],
  chance: readonly (readonly [number, number])[],
): Line[] => [
  ...known.map(({ name, truth, colour }) => ({ name, colour, points: percent(of(truth)) })),
  { name: 'chance', colour: '#66707a', dash: [5, 4], points: percent(chance) },
];
const operating = (
  known: readonly Known[],
  at: (truth: KnownTruth) => readonly [number, number],
  say: (truth: KnownTruth) => string,
): Line[] =>
  known.map(({ name, truth, colour }) => ({
    name: `${name} at its threshold: ${say(truth)}`,
    colour,
    dots: true,
    points: percent([at(truth)]),
  }));
const span = { min: 0, max: 100 } as const;

function rocPlot(known: readonly Known[]): Plot {
  const areas = known.map(({ name, truth }) => `${name} ${truth.metrics.auroc.toFixed(4)}`).join(', ');
  return linePlot({
    name: 'detection-roc',
    title: `Anomalies caught against false alarms: AUROC ${areas}`,
    caption: 'Up and to the left is better; the dashed diagonal is chance.',
    altText: `ROC curves with areas ${areas}; ${known.map(({ name, truth }) => `${name} stands at ${formatShare(truth.recall)} caught for ${formatShare(truth.falseAlarmRate)} false alarms`).join(', ')}.`,
    x: { label: 'false alarms: normal flagged (%)', ...span },
    y: { label: 'caught: anomalies flagged (%)', ...span },
    height: 400,
    lines: [
      ...curves(known, (t) => t.roc, [
        [0, 0],
        [1, 1],
      ]),
      ...operating(
        known,
        (t) => [t.falseAlarmRate, t.recall],
        (t) => `${formatShare(t.recall)} for ${formatShare(t.falseAlarmRate)}`,
      ),
    ],
  });
}

function precisionPlot(known: readonly Known[]): Plot {
  const areas = known
    .map(({ name, truth }) => `${name} ${truth.metrics.averagePrecision.toFixed(4)}`)
    .join(', ');
  const base = known[0] === undefined ? 0 : known[0].truth.metrics.positives / known[0].truth.metrics.n;
  return linePlot({
    name: 'detection-precision-recall',
    title: `How many alarms are right against how many anomalies are caught: average precision ${areas}`,
    caption: `Chance would be right in ${formatShare(base)} of its alarms, the share of anomalies among these rows.`,
    altText: `Precision-recall curves with average precisions ${areas}.`,
    x: { label: 'caught: anomalies flagged (%)', ...span },
    y: { label: 'right: alarms that are anomalies (%)', ...span },
    height: 360,
    lines: [
      ...curves(known, (t) => t.precisionRecall, [
        [0, base],
        [1, base],
      ]),
      ...operating(
        known,
        (t) => [t.recall, t.precision],
        (t) => `${formatShare(t.precision)} right`,
      ),
    ],
  });
}

function promisePlot(known: readonly Known[]): Plot {
  const measured = known.map(({ name, truth, colour }) => ({
    name,
    colour,
    points: percent(truth.promised.filter(([, rate]) => rate > 0)),
  }));
  return linePlot({
    name: 'detection-promise',
    title: 'False alarms asked for against false alarms measured',
    caption:
      'On the dashed line the promise is kept exactly; above it there are more than asked for. Both axes are logarithmic.',
    altText: known
      .map(
        ({ name, truth }) =>
          `${name}: ${truth.promised
            .filter(([asked]) => asked === 0.01 || asked === 0.1)
            .map(([asked, rate]) => `asked ${formatShare(asked)}, measured ${formatShare(rate)}`)
            .join('; ')}`,
      )
      .join('. ')
      .concat('.'),
    x: { label: 'asked (%)', log: true, min: 0.1, max: 100 },
    y: { label: 'measured on normal test rows (%)', log: true },
    lines: [
      ...measured,
      {
        name: 'as promised',
        colour: '#66707a',
        dash: [5, 4],
        points: [
          [0.1, 0.1],
          [1, 1],
          [10, 10],
          [50, 50],
        ],
      },
    ],
  });
}

function costPlot(known: readonly Known[], noun: string): Plot {
  const missCost = known[0]?.truth.missCost ?? 1;
  const best = known.map(
    ({ name, truth: { cheapest } }) =>
      `${name} ${formatNumber(cheapest.cost)} at ${formatShare(cheapest.falseAlarmRate)} false alarms`,
  );
  return linePlot({
    name: 'detection-cost',
    title: `What detection costs where a missed anomaly costs as much as ${missCost} false alarms`,
    caption: `Cheapest: ${best.join('; ')}. With the share of anomalies that these ${noun} have; your own costs will differ.`,
    altText: `Least cost of 1,000 ${noun}, in false alarms: ${best.join('; ')}.`,
    x: { label: 'false alarms: normal flagged (%)', ...span },
    y: { label: `cost of 1,000 ${noun} (in false alarms)`, min: 0 },
    lines: known.map(({ name, truth, colour }) => ({
      name,
      colour,
      points: truth.costs.map(([x, y]) => [100 * x, y] as const),
    })),
  });
}

function classPlot({ name, label, detection: { classes } }: NamedDetection): Plot {
  return barPlot({
    name: `detection-classes-${name}`,
    title: `${label}: share of each class that is flagged`,
    caption: classes.some(({ isAnomaly }) => isAnomaly)
      ? 'Vermillion classes are anomalies: there, more is better.'
      : undefined,
    altText: `Flagged: ${classes.map((each) => `${each.name} ${formatShare(each.flagged / each.count)}`).join(', ')}.`,
    groups: classes.map((each) => each.name),
    label: 'flagged (%)',
    legend: [
      { text: 'normal classes', colour: normalColour },
      ...(classes.some(({ isAnomaly }) => isAnomaly)
        ? [{ text: 'anomalous classes', colour: anomalousColour }]
        : []),
    ],
    bars: [
      {
        name: '',
        colour: normalColour,
        colours: classes.map(({ isAnomaly }) => (isAnomaly ? anomalousColour : normalColour)),
        values: classes.map(({ flagged, count }) => (100 * flagged) / count),
      },
    ],
  });
}

function alarmTable({ name: model, label, detection: { classes } }: NamedDetection): Markup {
  const number = (value: number): string => value.toLocaleString('en-US');
  return barTable({
    name: `detection-alarms-${model}`,
    caption: `${label}: alarms per class`,
    columns: ['class', 'truth', 'rows', 'flagged', 'passed'],
    rows: classes.map(({ name: each, isAnomaly, count, flagged }) => ({
      name: each,
      cells: [
        { text: isAnomaly ? 'anomaly' : 'normal' },
        { text: number(count) },
        { text: number(flagged), share: flagged / count },
        { text: number(count - flagged), share: 1 - flagged / count },
      ],
    })),
  });
}
