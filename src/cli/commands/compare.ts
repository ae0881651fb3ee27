// `oddity compare`: generative models side by side on one labelled data set.
import type { ImageDataset } from '../../data/dataset.ts';
import { OddityError } from '../../errors.ts';
import { type CompareOptions, checkComparison, compareModels } from '../../evaluate/compare.ts';
import type {
  Comparison,
  ComparisonRecord,
  Exhibits,
  RealExhibits,
} from '../../evaluate/comparison/records.ts';
import { formatDuration, formatNumber } from '../../report/format.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { openData } from '../data.ts';
import { addSessionFlags, sessionOf } from '../flags.ts';
import { openCachedClassifier } from '../measuring/classifier.ts';
import {
  addCompareFlags,
  type CompareFlags,
  classesOf,
  contestantsOf,
  protocolsOf,
} from '../measuring/compare-flags.ts';
import { describeComparison } from '../measuring/compare-tables.ts';
import { checkOutputFile, checkOutputFolder, writeOutputFile } from '../output-file.ts';
import { writeReport } from '../report/write.ts';

/** What pictures are made of beside the numbers; filled as the work goes on. */
interface Material {
  real?: RealExhibits;
  readonly exhibits: Exhibits[];
}

export const compare = defineCommand<CompareFlags>({
  usage: 'compare <data>',
  summary: 'compare generative models: images, diversity, training, latents, detection, cost',
  arguments: { data: 'mnist, fashion-mnist, digits or a path; it must have labels' },
  examples: [
    'compare mnist --models vae,dcgan --seeds 3 --report comparison',
    'compare mnist --models vae,dcgan --epochs 2 --samples 2000 --classes 0,1',
    'compare fashion-mnist --models vae,vaegan,dcgan --no-detection --out comparison.json',
  ],
  flags(command) {
    return addSessionFlags(addCompareFlags(command));
  },
  async run(context, flags, data = '') {
    const contestants = contestantsOf(flags, 0);
    const { report, out } = flags;
    if (out !== undefined) await checkOutputFile(out);
    if (report !== undefined) await checkOutputFolder(report);
    const dataset = await openData(context, data);
    const conditional = flags.conditional ? dataset.classNames.length : 0;
    const options: CompareOptions = {
      models: conditional > 0 ? contestantsOf(flags, conditional) : contestants,
      seeds: flags.seeds,
      classes: classesOf(flags, dataset),
      protocols: protocolsOf[flags.protocol],
      session: sessionOf(flags),
      signal: context.signal,
      ...(flags.samples === undefined ? {} : { samples: flags.samples }),
    };
    checkComparison(dataset, options);
    const material: Material = { exhibits: [] };
    const models = options.models.map(({ model }) => model).join(', ');
    context.note(
      `comparing ${models} on ${dataset.name} (${dataset.train.count.toLocaleString('en-US')} images)`,
    );
    const classifier = await openCachedClassifier(context, dataset, sessionOf(flags));
    let comparison: Comparison;
    try {
      comparison = await watch(context, compareModels(dataset, classifier, options), dataset, material);
    } finally {
      await classifier.close();
    }
    if (out !== undefined) await writeOutputFile(out, `${JSON.stringify(comparison, null, 2)}\n`);
    const page = report === undefined ? undefined : await writePage(context, comparison, material, report);
    context.print(page === undefined ? comparison : { ...comparison, page }, () =>
      [describeComparison(comparison), ...(page === undefined ? [] : [`page  ${page}`])].join('\n\n'),
    );
  },
});

async function writePage(
  context: Context,
  comparison: Comparison,
  { real, exhibits }: Material,
  folder: string,
): Promise<string> {
  const { composeComparison } = await import('../../report/sections/comparison-report.ts');
  const page = await composeComparison({ comparison, real, exhibits });
  return writeReport(context, folder, 'comparison.html', page);
}

/** Runs the comparison with a bar, a line for each training and detector, and gathers material for pictures. */
async function watch(
  context: Context,
  run: AsyncGenerator<ComparisonRecord, Comparison>,
  { classNames }: ImageDataset,
  material: Material,
): Promise<Comparison> {
  const progress = context.progress();
  let doing = 'the start';
  try {
    for (;;) {
      const next = await run.next();
      if (next.done) return next.value;
      const record = next.value;
      if (record.kind === 'progress') {
        doing = record.doing;
        progress.update(record.progress, doing);
      } else if (record.kind === 'real') material.real = record.real;
      else if (record.kind === 'exhibits') material.exhibits.push(record.exhibits);
      else {
        progress.stop();
        context.note(describeRecord(record, classNames));
      }
    }
  } catch (error) {
    if (!(error instanceof OddityError) || error.code !== 'ABORTED') throw error;
    throw new OddityError('ABORTED', `stopped at ${doing}; nothing was written`, { cause: error });
  } finally {
    progress.stop();
  }
}

function describeRecord(
  record: Extract<ComparisonRecord, { kind: 'run' | 'cell' }>,
  classNames: readonly string[],
): string {
  const which = (seed: number): string => `${record.model}, seed ${seed}`;
  if (record.kind === 'run') {
    const { run } = record;
    if (run.outcome === 'diverged') return `${which(run.seed)}  ${run.message}`;
    const { generation, speeds } = run;
    return `${which(run.seed)}  trained in ${formatDuration(speeds.trainingSeconds)}, Fréchet distance ${formatNumber(generation.frechet)}`;
  }
  const { cell } = record;
  const where = `${which(cell.seed)}  ${cell.protocol}, class ${classNames[cell.class] ?? cell.class}`;
  if (cell.outcome === 'diverged') return `${where}: ${cell.message}`;
  return `${where}: AUROC ${(100 * cell.metrics.auroc).toFixed(2)}, ${formatDuration(cell.seconds)}`;
}
