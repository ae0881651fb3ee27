// The flags of `oddity compare`, and what they come to: contestants, classes, protocols.
import { type Command, Option } from 'commander';
import type { ImageDataset } from '../../data/dataset.ts';
import { resolveClass } from '../../data/select.ts';
import { parseChoices, settingsFor } from '../../detect/settings.ts';
import { OddityError } from '../../errors.ts';
import { type CompareOptions, defaultClasses, fewestSamples } from '../../evaluate/compare.ts';
import { models } from '../../models/index.ts';
import { count, countFrom, countUpTo, list, type SessionFlags } from '../flags.ts';
import { modelNames, namedValue } from '../training/flags.ts';

/** The command's flags as commander names them. */
export interface CompareFlags extends SessionFlags {
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
  readonly report?: string;
  readonly out?: string;
}

export const protocolsOf = {
  'one-class': ['one-class'],
  'leave-one-out': ['leave-one-out'],
  both: ['one-class', 'leave-one-out'],
} as const;

export function addCompareFlags(command: Command): Command {
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
      new Option('--protocol <name>', 'one class normal, or one class the anomaly (default: one-class)')
        .choices(Object.keys(protocolsOf))
        .default('one-class'),
    )
    .option(
      '--report <folder>',
      'write a page there: numbers, samples, walks, codes, charts; its figures too',
    )
    .option('--out <file>', 'write the results as JSON too');
}

/** The models with their choices, checked before any data is read. Throws BAD_USAGE. */
export function contestantsOf(flags: CompareFlags, classes: number): CompareOptions['models'] {
  const { epochs, batchSize, latentDim } = flags;
  const names = modelNames(flags.models.length > 0 ? flags.models : ['vae', 'dcgan']);
  const given = Object.entries(flags.option ?? {});
  const stray = given.find(([name]) => !names.some((model) => name.startsWith(`${model}.`)));
  if (stray !== undefined) {
    throw new OddityError(
      'BAD_USAGE',
      `expected --option <model.name=value> of ${names.join(', ')}, got '${stray[0]}'`,
    );
  }
  return names.map((model) => {
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

/** Classes to detect with; none where detection is left out. Throws BAD_USAGE. */
export function classesOf({ detection, classes }: CompareFlags, dataset: ImageDataset): number[] {
  if (!detection) return [];
  if (classes === undefined) return defaultClasses(dataset);
  if (classes.length === 1 && classes[0] === 'all') return dataset.classNames.map((_, label) => label);
  return [...new Set(classes.map((each) => resolveClass(dataset, each)))];
}
