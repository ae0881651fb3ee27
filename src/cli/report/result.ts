// What `oddity report` says beside the page: the questions of a reader with their answers, and a few numbers.
import type { Answer, Judged } from '../../evaluate/exhibition/conclusions.ts';
import { wrapWords } from '../text-table.ts';

export interface ReportResult {
  readonly page: string;
  readonly answers: readonly Answer[];
  readonly models: readonly {
    readonly model: string;
    readonly auroc?: number | undefined;
    readonly averagePrecision?: number | undefined;
    readonly falseAlarmRateAsked: number;
    readonly falseAlarmRate?: number | undefined;
    readonly recall?: number | undefined;
  }[];
}

export function reportResult(
  page: string,
  answers: readonly Answer[],
  models: readonly (Judged & { readonly name: string })[],
): ReportResult {
  return {
    page,
    answers,
    models: models.map(({ name, detection: { truth, askedRate } }) => ({
      model: name,
      auroc: truth?.metrics.auroc,
      averagePrecision: truth?.metrics.averagePrecision,
      falseAlarmRateAsked: askedRate,
      falseAlarmRate: truth?.falseAlarmRate,
      recall: truth?.recall,
    })),
  };
}

export function describeReport({ page, answers }: ReportResult): string {
  return [
    ...answers.flatMap(({ question, points }) => [
      question,
      ...points.flatMap((point) => wrapWords(point).map((line) => `  ${line}`)),
      '',
    ]),
    `The report, for any browser: ${page}`,
  ].join('\n');
}
