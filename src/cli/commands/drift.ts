// `oddity drift`: whether the rows of a file are still like those that a detector was calibrated on.
import { streamBatches } from '../../data/tables/read-rows.ts';
import { load } from '../../detect/storage.ts';
import type { DriftReport } from '../../serve/drift/monitor.ts';
import { defineCommand } from '../command.ts';
import { openData } from '../data.ts';
import { addSessionFlags, count, type SessionFlags, sessionOf } from '../flags.ts';
import { addHistoryFlag, addReadFlags, type ReadFlags } from '../tables/flags.ts';
import { asTableDetector } from '../tables/kind.ts';
import { openToJudge } from '../tables/source.ts';
import { alignRows } from '../text-table.ts';

interface Flags extends SessionFlags, ReadFlags {
  readonly top?: number;
}

export const drift = defineCommand<Flags>({
  usage: 'drift <detector> <data>',
  summary: 'tell whether rows have moved away from those of the training',
  arguments: { detector: 'folder that train wrote', data: 'mnist, fashion-mnist, digits, or a path' },
  examples: ['drift runs/fraud today.parquet', 'drift runs/fraud today.csv --json'],
  flags(command) {
    command.option('--top <columns>', 'columns shown, the most moved first (default: 20)', count);
    return addSessionFlags(addHistoryFlag(addReadFlags(command)));
  },
  async run(context, flags, folder = '', data = '') {
    const [{ createDriftMonitor }, { driftReferenceOf }, { rowFormatOf }] = await Promise.all([
      import('../../serve/drift/monitor.ts'),
      import('../../serve/drift/reference.ts'),
      import('../../serve/rows/format.ts'),
    ]);
    const detector = await load(folder, sessionOf(flags));
    const format = rowFormatOf(detector.manifest.data);
    const monitor = createDriftMonitor(driftReferenceOf(detector.parts), {
      window: Number.POSITIVE_INFINITY,
    });
    const { signal } = context;
    const table = asTableDetector(detector);
    if (table === undefined) {
      const { test: images } = await openData(context, data, { split: 'all' });
      const { pValue } = await detector.score(images, { terms: false, signal });
      monitor.observe(format.flatten(images), pValue);
    } else {
      const { source, reading } = await openToJudge(context, detector, folder, data, flags);
      try {
        for await (const { rows } of streamBatches(source, reading.schema, { signal })) {
          const { pValue } = await table.score(rows, { terms: false, signal });
          monitor.observe(format.flatten(rows), pValue);
        }
      } finally {
        await source.close();
      }
    }
    await detector.close();
    const report = monitor.report();
    const drifted = report.warnings.length > 0;
    context.print({ detector: folder, data, drifted, ...report }, () => describe(report, flags.top ?? 20));
  },
});

function describe({ rows, distance, chance, columns, warnings }: DriftReport, top: number): string {
  return [
    `${rows.toLocaleString('en-US')} rows; p-values against uniform: Kolmogorov-Smirnov distance ${distance.toFixed(3)}, by chance ${chance.toPrecision(2)}`,
    ...(columns.length === 0
      ? []
      : [
          '',
          alignRows([
            ['column', 'stability index'],
            ...columns.slice(0, top).map(({ name, stabilityIndex }) => [name, stabilityIndex.toFixed(3)]),
          ]),
        ]),
    '',
    ...(warnings.length === 0 ? ['no drift'] : warnings.map((warning) => `drift: ${warning}`)),
  ].join('\n');
}
