// The numbers of an evaluation of a table: those of images, and those that people ask for where anomalies are rare.
import type { TableSet } from '../../data/table.ts';
import type { Detector } from '../../detect/detector.ts';
import { precisionAt, recallAtFalseAlarmRate } from '../../evaluate/metrics.ts';
import { measure } from '../measuring/evaluation.ts';
import type { ReadFlags } from './flags.ts';
import type { JudgedTable, JudgeFlags } from './judge.ts';

export interface TableEvaluateFlags extends ReadFlags, JudgeFlags {
  readonly falseAlarmRate?: number;
  readonly costAlarm?: number;
  readonly costs?: string;
  readonly top?: number;
  readonly pictures?: string;
  readonly threads?: number;
}

const defaultTop = 100;
const lowRate = 0.001;

export type TableEvaluation = ReturnType<typeof measureTable>;

/** Metrics of the whole score and of each alone, and the alarms at a false-alarm rate. */
export function measureTable(
  { scores, isAnomaly }: JudgedTable,
  detector: Detector<TableSet>,
  { falseAlarmRate, top = defaultTop }: TableEvaluateFlags,
) {
  const { scores: terms, ...whole } = measure({ scores, isAnomaly }, detector, falseAlarmRate);
  const { positives, n } = whole;
  const recallAtFpr001 = (values: Float32Array) => recallAtFalseAlarmRate(values, isAnomaly, lowRate);
  const counts = [...new Set([Math.min(top, n), positives])];
  return {
    ...whole,
    baseRate: positives / n,
    recallAtFpr001: recallAtFpr001(scores.score),
    precisionAt: Object.fromEntries(counts.map((k) => [k, precisionAt(scores.score, isAnomaly, k)])),
    scores: Object.fromEntries(
      Object.entries(terms).map(([name, term]) => [
        name,
        { ...term, recallAtFpr001: recallAtFpr001(scores.terms[name] ?? new Float32Array()) },
      ]),
    ),
  };
}
