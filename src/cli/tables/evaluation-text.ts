// The evaluation of a table in words.
import type { TableSet } from '../../data/table.ts';
import { pValue } from '../../detect/calibrate.ts';
import type { Detector } from '../../detect/detector.ts';
import type { CostCurve } from '../../evaluate/costs.ts';
import { formatNumber, formatShare } from '../../report/format.ts';
import { alignPairs, alignRows } from '../text-table.ts';
import { programName } from '../training/end.ts';
import type { JudgedTable } from './judge.ts';
import type { TableEvaluateFlags, TableEvaluation } from './measure.ts';
import { listed } from './source.ts';

interface Evaluated {
  readonly result: TableEvaluation;
  readonly judged: JudgedTable;
  readonly detector: Detector<TableSet>;
  readonly folder: string;
  readonly path: string;
  readonly curve?: CostCurve;
  readonly flags: TableEvaluateFlags;
}

const number = (value: number): string => value.toLocaleString('en-US');
const money = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 2 });

export function describeTableEvaluation({
  result,
  judged,
  detector,
  folder,
  path,
  curve,
  flags,
}: Evaluated): string {
  const { combination } = detector.manifest.training.scoring;
  const { label, unlabelled } = judged;
  const { n, positives } = result;
  const line = (name: string, each: Omit<TableEvaluation['scores'][string], never>) => [
    name,
    each.auroc.toFixed(4),
    each.averagePrecision.toFixed(4),
    formatShare(each.recallAtFpr001),
    formatShare(each.recallAtFpr01),
  ];
  const used = (name: string) => ((combination[name] ?? 0) > 0 ? '+ ' : '  ') + name;
  const precisions = Object.entries(result.precisionAt).map(
    ([k, precision]) => `${formatShare(precision)} of the ${number(Number(k))} highest scores`,
  );
  return [
    alignPairs([
      ['normal', `${label.column} = ${listed(label.normal)} (${number(n - positives)} rows of ${path})`],
      ['anomalies', `${label.column} = ${listed(label.anomalous)} (${number(positives)} rows)`],
      ...(unlabelled > 0 ? [['left out', `${number(unlabelled)} rows without a label`] as const] : []),
      ['base rate', `${formatShare(result.baseRate)}: average precision by chance`],
    ]),
    '',
    alignRows([
      ['(+ counts in the whole)', 'AUROC', 'average precision', 'caught at 0.1%', 'at 1% false alarms'],
      line('Oddity', result),
      ...Object.entries(result.scores).map(([name, each]) => line(used(name), each)),
    ]),
    '',
    alignPairs([
      ['precision', `${precisions.join(', ')} are anomalies`],
      [
        'false alarms',
        `asked ${formatShare(result.falseAlarmRateAsked)}, measured ${formatShare(result.falseAlarmRate)} of normal rows`,
      ],
      ['caught', `${formatShare(result.recall)} of anomalies at threshold ${formatNumber(result.threshold)}`],
    ]),
    ...(curve === undefined ? [] : ['', describeCosts(curve, result, detector, folder, flags)]),
  ].join('\n');
}

/** Nothing done, the threshold asked for and the cheapest, side by side; then how to use it. */
function describeCosts(
  { points, cheapest, doingNothing }: CostCurve,
  result: TableEvaluation,
  detector: Detector<TableSet>,
  folder: string,
  { amount, costAlarm = 0 }: TableEvaluateFlags,
): string {
  const [nothing = cheapest] = points;
  const asked = points.findLast(({ threshold }) => threshold >= result.threshold) ?? nothing;
  const row = (name: string, point: typeof cheapest) => [
    name,
    String(Number(point.threshold.toPrecision(9))),
    number(point.alarms),
    formatShare(point.falseAlarmRate),
    money(point.saved),
    money(point.lost),
    money(point.alarmCosts),
    money(point.cost),
  ];
  const calibration = detector.parts.weights.tensors.calibration ?? new Float32Array();
  const rate = pValue(nextAbove(cheapest.threshold), calibration);
  const gain = doingNothing - cheapest.cost;
  return [
    `Costs: ${amount} of missed anomalies, ${money(costAlarm)} for each alarm`,
    alignRows([
      ['', 'threshold', 'alarms', 'false alarms', 'saved', 'lost', 'alarms cost', 'in all'],
      row('no alarms', nothing),
      row(`${formatShare(result.falseAlarmRateAsked)} asked`, asked),
      row('cheapest', cheapest),
    ]),
    gain > 0
      ? `The cheapest saves ${money(gain)} (${formatShare(gain / doingNothing)}) against doing nothing. Score by it with:`
      : 'No threshold is cheaper than doing nothing.',
    ...(gain > 0
      ? [
          `  ${programName()} score ${folder} <data> --threshold ${Number(cheapest.threshold.toPrecision(9))}`,
          `It is the threshold of ${formatShare(rate)} false alarms by the calibration.`,
        ]
      : []),
  ].join('\n');
}

/** A score just above a threshold. */
const nextAbove = (threshold: number): number => threshold + Math.max(Math.abs(threshold), 1) * 1e-9;
