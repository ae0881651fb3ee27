// `oddity evaluate` for tables: how well labelled rows are told apart, and what each threshold would have cost.
import type { TableSet } from '../../data/table.ts';
import type { Detector } from '../../detect/detector.ts';
import { type CostCurve, costCurve } from '../../evaluate/costs.ts';
import type { Context } from '../context.ts';
import { checkOutputFile, writeOutputFile } from '../output-file.ts';
import { describeTableEvaluation } from './evaluation-text.ts';
import { type JudgedTable, judgeTable } from './judge.ts';
import { measureTable, type TableEvaluateFlags } from './measure.ts';
import { openToJudge, reportRejects } from './source.ts';

export async function evaluateTable(
  context: Context,
  detector: Detector<TableSet>,
  folder: string,
  path: string,
  flags: TableEvaluateFlags,
): Promise<void> {
  const { costs, pictures } = flags;
  if (costs !== undefined) await checkOutputFile(costs);
  const opened = await openToJudge(context, detector, folder, path, flags);
  try {
    const judged = await judgeTable(context, detector, opened, flags);
    const { rejected } = await reportRejects(context, opened, flags);
    const curve = costsOf(judged, flags);
    const result = measureTable(judged, detector, flags);
    if (costs !== undefined && curve !== undefined) await writeOutputFile(costs, curveCsv(curve));
    if (pictures !== undefined) {
      const { drawScores } = await import('../measuring/pictures.ts');
      await drawScores(judged, result, pictures);
    }
    const { label, unlabelled } = judged;
    const { cheapest, doingNothing } = curve ?? {};
    const priced = cheapest === undefined ? {} : { costs: { ...cheapest, doingNothing } };
    const skipped = { unlabelled, ...(rejected === undefined ? {} : { rejected }) };
    context.print({ detector: folder, data: path, label, ...skipped, ...result, ...priced }, () =>
      describeTableEvaluation({
        result,
        judged,
        detector,
        folder,
        path,
        ...(curve === undefined ? {} : { curve }),
        flags,
      }),
    );
  } finally {
    await opened.source.close();
  }
}

function costsOf({ scores, isAnomaly, amounts }: JudgedTable, { costAlarm = 0 }: TableEvaluateFlags) {
  if (amounts === undefined) return undefined;
  return costCurve(scores.score, isAnomaly, { amounts, alarmCost: costAlarm });
}

function curveCsv({ points }: CostCurve): string {
  const names = 'threshold,alarms,false_alarms,false_alarm_rate,caught,saved,lost,alarm_costs,cost\n';
  const digits = (value: number): number => Number(value.toPrecision(9));
  const lines = points.map((point) =>
    [
      point.threshold,
      point.alarms,
      point.falseAlarms,
      digits(point.falseAlarmRate),
      point.caught,
      digits(point.saved),
      digits(point.lost),
      digits(point.alarmCosts),
      digits(point.cost),
    ].join(','),
  );
  return `${names}${lines.join('\n')}\n`;
}
