// A report on detectors of images, from detectors to a page on disk.
import { answersOf } from '../../evaluate/exhibition/conclusions.ts';
import { type GatherOptions, gatherExhibition } from '../../evaluate/exhibition/gather.ts';
import type { Context } from '../context.ts';
import { writeReport } from './write.ts';

export interface ReportResult {
  readonly page: string;
  readonly answers: readonly { readonly question: string; readonly answer: string }[];
  readonly models: readonly {
    readonly model: string;
    readonly auroc?: number | undefined;
    readonly falseAlarmRateAsked: number;
    readonly falseAlarmRate?: number | undefined;
    readonly recall?: number | undefined;
  }[];
}

/** Gathers, draws and writes, with a bar for each long part; returns what the page says in short. */
export async function reportImages(
  context: Context,
  folder: string,
  options: GatherOptions,
  figures = true,
): Promise<ReportResult> {
  const progress = context.progress();
  let last = '';
  const onProgress = (doing: string, share: number): void => {
    progress.update(share, doing);
    if (doing !== last) progress.line(doing);
    last = doing;
  };
  const { composeReport } = await import('../../report/sections/index.ts');
  try {
    const exhibition = await gatherExhibition({ ...options, signal: context.signal, onProgress });
    const page = await composeReport(exhibition, (done, total) =>
      onProgress('drawing the report', done / total),
    );
    progress.stop();
    return {
      page: await writeReport(context, folder, 'report.html', page, figures),
      answers: answersOf(exhibition),
      models: exhibition.models.map(({ name, detection: { truth, askedRate } }) => ({
        model: name,
        auroc: truth?.metrics.auroc,
        falseAlarmRateAsked: askedRate,
        falseAlarmRate: truth?.falseAlarmRate,
        recall: truth?.recall,
      })),
    };
  } finally {
    progress.stop();
  }
}
