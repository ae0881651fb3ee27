// The flags that shape a training run, and a `--config` file, as one record of choices.
import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { TrainingSettings } from '../../detect/manifest.ts';
import { type Choices, parseChoices, settingsFor } from '../../detect/settings.ts';
import { OddityError } from '../../errors.ts';
import { type ModelName, models } from '../../models/index.ts';
import { countUpTo, positive, share, wholeNumber } from '../flags.ts';

export interface TrainingFlags {
  readonly model?: Choices['model'];
  readonly epochs?: number;
  readonly seed?: number;
  readonly members?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly falseAlarmRate?: number;
  readonly trim?: number;
  readonly latentDim?: number;
  readonly beta?: number;
  readonly architecture?: string;
  readonly option?: Readonly<Record<string, unknown>>;
  readonly config?: string;
}

export function addTrainingFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--model <name>', `which model: ${Object.keys(models).join(', ')} (default: vae)`).choices(
        Object.keys(models),
      ),
    )
    .addOption(
      new Option('--architecture <name>', 'its networks: mlp (default) or conv').choices(['mlp', 'conv']),
    )
    .option('--latent-dim <count>', 'its latent dimensions (default: 16)', countUpTo(1024))
    .option('--beta <weight>', 'weight of its KL term (default: 1)', positive)
    .option(
      '--option <name=value>',
      "any other of the model's own options, such as objective=hinge; may be repeated",
      namedValue,
    )
    .option('--epochs <count>', 'passes over the rows (default: by their number)', countUpTo(100_000))
    .option('--batch-size <count>', 'rows per step (default: 128)', countUpTo(65_536))
    .option('--learning-rate <rate>', 'the highest one of the run (default: 0.002)', positive)
    .option('--members <count>', 'networks whose scores are averaged (default: 1)', countUpTo(64))
    .option(
      '--trim <share>',
      'share of the rows, the most anomalous of a first training, that a second leaves out (default: 0; 0.01 for tables without labels)',
      share(0.5),
    )
    .option('--config <file>', 'JSON file of choices; flags win over it');
}

/** `name=value`, where the value may be JSON; several add up. */
export function namedValue(
  text: string,
  before: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Expected name=value, such as objective=hinge.');
  const [name, value] = [text.slice(0, at), text.slice(at + 1)];
  try {
    return { ...before, [name]: JSON.parse(value) };
  } catch {
    return { ...before, [name]: value };
  }
}

/** What --models names, each once; the VAE unless it names any. Throws BAD_USAGE for an unknown one. */
export function modelNames(given: readonly string[] = ['vae']): ModelName[] {
  const unknown = given.find((name) => !Object.hasOwn(models, name));
  if (unknown === undefined) return [...new Set(given as readonly ModelName[])];
  throw new OddityError(
    'BAD_USAGE',
    `expected --models of ${Object.keys(models).join(', ')}, got '${unknown}'; check the spelling`,
  );
}

export const addSeedFlag = (command: Command): Command =>
  command.option('--seed <number>', 'equal seeds give equal detectors (default: 0)', wholeNumber);

/** Choices from the file, then the flags. Throws NO_DATA for a missing file, BAD_USAGE for a wrong one. */
export function choicesOf(flags: TrainingFlags): Choices {
  const file = flags.config === undefined ? {} : readConfig(flags.config).choices;
  const given = (entries: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
  const { model, epochs, seed, members, batchSize, learningRate, falseAlarmRate, trim } = flags;
  const { latentDim, beta, architecture } = flags;
  const options = { ...file.options, ...flags.option, ...given({ latentDim, beta, architecture }) };
  const merged = {
    ...file,
    ...given({ model, epochs, seed, members, batchSize, learningRate, falseAlarmRate, trim }),
    ...(Object.keys(options).length > 0 ? { options } : {}),
  };
  const choices = parseChoices(merged, 'The command line');
  // A model's own options are checked with all its defaults at hand, and before any data is read.
  settingsFor(choices, 1000);
  return choices;
}

/** A `--config` file: the choices of a run, and under `table` how a table is read. Throws as `choicesOf`. */
export function readConfig(path: string): { readonly choices: Choices; readonly table: unknown } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new OddityError('NO_DATA', `expected a readable JSON file at --config ${path}, got ${code}`, {
      cause,
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new OddityError('BAD_USAGE', `expected JSON in ${path}: ${(cause as Error).message}`, { cause });
  }
  if (typeof value !== 'object' || value === null) return { choices: parseChoices(value, path), table: {} };
  const { table = {}, ...choices } = value as Record<string, unknown>;
  return { choices: parseChoices(choices, path), table };
}

/** Throws BAD_USAGE where a choice differs from those of the run to resume; only the learning rate may. */
export function refuseOtherChoices(
  choices: Choices,
  { adam, scoring, ...stored }: TrainingSettings,
  falseAlarmRate: number,
): void {
  const { weightDecay, clipNorm, averageDecay } = adam;
  const { options: storedOptions, ...rest } = stored;
  const { options, learningRate: _, ...others } = choices;
  const before: Record<string, unknown> = {
    ...{ ...rest, ...scoring, weightDecay, clipNorm, averageDecay, falseAlarmRate },
    ...storedOptions,
  };
  for (const [name, value] of Object.entries({ ...others, ...options })) {
    if (JSON.stringify(value) === JSON.stringify(before[name])) continue;
    throw new OddityError(
      'BAD_USAGE',
      `the run to resume has ${name} ${JSON.stringify(before[name])}, got ${JSON.stringify(value)}; leave that out, or start anew with --overwrite`,
      { data: { name, before: before[name], value } },
    );
  }
}
