// `oddity compare`: generative models side by side on one labelled data set.
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import type { ImageDataset } from '../../data/dataset.ts';
import { resolveClass } from '../../data/select.ts';
import { cacheFolder } from '../../data/sources.ts';
import { parseChoices, settingsFor } from '../../detect/settings.ts';
import { OddityError } from '../../errors.ts';
import { type CompareOptions, compareModels, defaultClasses, fewestSamples } from '../../evaluate/compare.ts';
import type { Comparison, ComparisonRecord } from '../../evaluate/comparison/records.ts';
import { type Classifier, openClassifier } from '../../evaluate/generation/classifier.ts';
import { models } from '../../models/index.ts';
import { formatDuration, formatNumber } from '../../report/format.ts';
import { defineCommand } from '../command.ts';
import type { Material } from '../compare-pictures.ts';
import { describeComparison } from '../compare-tables.ts';
import type { Context } from '../context.ts';
import { openData } from '../data.ts';
import {
  addSessionFlags,
  count,
  countFrom,
  countUpTo,
  list,
  type SessionFlags,
  sessionOf,
} from '../flags.ts';
import { checkOutputFile, checkOutputFolder, writeOutputFile } from '../output-file.ts';
import { namedValue } from '../training-flags.ts';

interface Flags extends SessionFlags {
  readonly models: readonly string[];
  readonly seeds: number;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly latentDim?: number;
  readonly option?: Readonly<Record<string, unknown>>;
  readonly conditional?: true;
  readonly samples?: number;
  readonly detection: boolean;
  readonly classes?: readonly string[];
  readonly protocol: keyof typeof protocolsOf;
  readonly pictures?: string;
  readonly out?: string;
}

const protocolsOf = {
  'one-class': ['one-class'],
  'leave-one-out': ['leave-one-out'],
  both: ['one-class', 'leave-one-out'],
} as const;

export const compare = defineCommand<Flags>({
  usage: 'compare <data>',
  summary: 'compare generative models: images, diversity, training, latents, detection, cost',
  arguments: { data: 'mnist, fashion-mnist, digits or a path; it must have labels' },
  examples: [
    'compare mnist --models vae,dcgan --seeds 3 --pictures comparison',
    'compare mnist --models vae,dcgan --epochs 2 --samples 2000 --classes 0,1',
    'compare fashion-mnist --models vae,vaegan,dcgan --no-detection --out comparison.json',
  ],
  flags(command) {
    return addSessionFlags(addCompareFlags(command));
  },
  async run(context, flags, data = '') {
    const contestants = contestantsOf(flags, 0);
    const { pictures, out } = flags;
    if (out !== undefined) await checkOutputFile(out);
    if (pictures !== undefined) await checkOutputFolder(pictures);
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
    const material: Material = { exhibits: [] };
    const classifier = await trainOrOpen(context, dataset, flags);
    let comparison: Comparison;
    try {
      comparison = await watch(context, compareModels(dataset, classifier, options), dataset, material);
    } finally {
      await classifier.close();
    }
    if (out !== undefined) await writeOutputFile(out, `${JSON.stringify(comparison, null, 2)}\n`);
    if (pictures !== undefined) {
      const { drawComparison } = await import('../compare-pictures.ts');
      await drawComparison(comparison, material, pictures);
    }
    context.print(comparison, () => describeComparison(comparison));
  },
});

function addCompareFlags(command: Command): Command {
  return command
    .option(
      '--models <names>',
      `comma-separated, of ${Object.keys(models).join(', ')} (default: vae,dcgan)`,
      list,
      [],
    )
    .option('--seeds <count>', 'trainings of each model, from seeds 0, 1, ... (default: 1)', count, 1)
    .option('--epochs <count>', "passes over the images (default: each model's own)", countUpTo(100_000))
    .option('--batch-size <count>', 'images per step (default: 128)', countUpTo(65_536))
    .option('--latent-dim <count>', "latent dimensions (default: each model's own)", countUpTo(1024))
    .option(
      '--option <model.name=value>',
      'another option of a model, such as dcgan.objective=hinge; may be repeated',
      namedValue,
    )
    .option('--conditional', 'let the models know the classes')
    .option(
      '--samples <count>',
      'images drawn from each model, and test images looked at (default: as many as there are test images, 10,000 at most)',
      countFrom(fewestSamples),
    )
    .option('--no-detection', 'leave anomaly detection out')
    .option(
      '--classes <classes>',
      'classes to detect anomalies with: numbers or names, or all (default: the first three)',
      list,
    )
    .addOption(
      new Option('--protocol <name>', 'one class normal, or one class the anomaly')
        .choices(Object.keys(protocolsOf))
        .default('one-class'),
    )
    .option('--pictures <folder>', 'draw samples, codes, walks and charts there')
    .option('--out <file>', 'write the results as JSON too');
}

/** The models with their choices, checked before any data is read. Throws BAD_USAGE. */
function contestantsOf(flags: Flags, classes: number): CompareOptions['models'] {
  const { epochs, batchSize, latentDim } = flags;
  const names = flags.models.length > 0 ? flags.models : ['vae', 'dcgan'];
  const unknown = names.find((name) => !Object.hasOwn(models, name));
  if (unknown !== undefined) {
    throw new OddityError(
      'BAD_USAGE',
      `expected --models of ${Object.keys(models).join(', ')}, got '${unknown}'; check the spelling`,
    );
  }
  const given = Object.entries(flags.option ?? {});
  const stray = given.find(([name]) => !names.some((model) => name.startsWith(`${model}.`)));
  if (stray !== undefined) {
    throw new OddityError(
      'BAD_USAGE',
      `expected --option <model.name=value> of ${names.join(', ')}, got '${stray[0]}'`,
    );
  }
  return [...new Set(names)].map((model) => {
    const own = given.filter(([name]) => name.startsWith(`${model}.`));
    const options = {
      ...Object.fromEntries(own.map(([name, value]) => [name.slice(model.length + 1), value])),
      ...(latentDim === undefined ? {} : { latentDim }),
      ...(classes === 0 ? {} : { classes }),
    };
    const chosen = Object.entries({ epochs, batchSize }).filter(([, value]) => value !== undefined);
    const choices = parseChoices({ model, options, ...Object.fromEntries(chosen) }, 'The command line');
    settingsFor(choices, 1000);
    return choices as CompareOptions['models'][number];
  });
}

function classesOf({ detection, classes }: Flags, dataset: ImageDataset): number[] {
  if (!detection) return [];
  if (classes === undefined) return defaultClasses(dataset);
  if (classes.length === 1 && classes[0] === 'all') return dataset.classNames.map((_, label) => label);
  return [...new Set(classes.map((each) => resolveClass(dataset, each)))];
}

/** The classifier behind the measures, from the user's cache or trained now. */
async function trainOrOpen(context: Context, dataset: ImageDataset, flags: Flags): Promise<Classifier> {
  const progress = context.progress();
  try {
    return await openClassifier(dataset, {
      cache: join(cacheFolder(), 'classifiers'),
      session: sessionOf(flags),
      signal: context.signal,
      onProgress: (share) => progress.update(share, 'training the classifier that judges the images'),
      onNotice: context.note,
    });
  } finally {
    progress.stop();
  }
}

/** Runs the comparison with a bar, a line for each training and detector, and gathers material for pictures. */
async function watch(
  context: Context,
  run: AsyncGenerator<ComparisonRecord, Comparison>,
  { classNames }: ImageDataset,
  material: Material,
): Promise<Comparison> {
  const progress = context.progress();
  try {
    for (;;) {
      const next = await run.next();
      if (next.done) return next.value;
      const record = next.value;
      if (record.kind === 'progress') progress.update(record.progress, record.doing);
      else if (record.kind === 'real') material.real = record.real;
      else if (record.kind === 'exhibits') material.exhibits.push(record.exhibits);
      else {
        progress.stop();
        context.note(describeRecord(record, classNames));
      }
    }
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
