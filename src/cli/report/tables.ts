// A report on a detector of tables, from its folder and a table to a page on disk.

import type { TableSet } from '../../data/table.ts';
import { judgeLabels } from '../../data/tables/labels.ts';
import { readRows } from '../../data/tables/read-rows.ts';
import type { Detector } from '../../detect/detector.ts';
import { describeDetection, describeMistakes } from '../../evaluate/exhibition/conclusions.ts';
import { exhibitTable } from '../../evaluate/exhibition/table-exhibit.ts';
import type { Context } from '../context.ts';
import { openToJudge } from '../tables/source.ts';
import { writeReport } from './write.ts';

const mostRows = 50_000;

export interface TableReportOptions {
  readonly folder: string;
  /** The table to judge. */
  readonly path: string;
  readonly out: string;
  readonly rows?: number | undefined;
  readonly figures: boolean;
}

/** Reads, judges, draws and writes; at most 50,000 rows, drawn at random. Throws as reading and scoring do. */
export async function reportTable(
  context: Context,
  detector: Detector<TableSet>,
  options: TableReportOptions,
) {
  const { folder, path, out, rows: most = mostRows, figures } = options;
  const progress = context.progress();
  progress.update(0, `reading ${path}`);
  const { source, reading } = await openToJudge(context, detector, folder, path, {});
  try {
    const { rows, label, total } = await readRows(source, reading.schema, { sampleRows: most });
    if (total > rows.count) {
      context.note(
        `judging ${rows.count.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} rows, drawn at random`,
      );
    }
    const { normal } = reading.schema.label ?? {};
    const judged =
      label === undefined ? undefined : judgeLabels(label, normal === undefined ? {} : { normal });
    const exhibition = await exhibitTable({
      name: path.split('/').at(-1) ?? path,
      detector,
      rows,
      isAnomaly: judged?.isAnomaly,
      left: reading.schema.columns
        .filter(({ kind }) => kind !== 'number' && kind !== 'category')
        .map(({ name, kind, why }) => ({ name, why: why === undefined ? kind : `${kind}: ${why}` })),
      signal: context.signal,
      onProgress: (doing, share) => progress.update(share, doing),
    });
    progress.update(0.9, 'drawing the report');
    const { composeTableReport } = await import('../../report/sections/table-report.ts');
    const composed = await composeTableReport(exhibition);
    progress.stop();
    const page = await writeReport(context, out, 'report.html', composed, figures);
    const { name, detection } = exhibition;
    return {
      page,
      answers: [
        {
          question: 'How well does it detect, and at which false-alarm rate?',
          answer: describeDetection({ name, detection }, 'rows'),
        },
        { question: 'What does it get wrong?', answer: describeMistakes({ name, detection }, 'rows') },
      ],
      models: [
        {
          model: name,
          auroc: detection.truth?.metrics.auroc,
          falseAlarmRateAsked: detection.askedRate,
          falseAlarmRate: detection.truth?.falseAlarmRate,
          recall: detection.truth?.recall,
        },
      ],
    };
  } finally {
    progress.stop();
    await source.close();
  }
}
