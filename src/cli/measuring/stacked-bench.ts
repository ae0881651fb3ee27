// `oddity bench mnist-stacked`: how many of a thousand modes a model finds, beside the published counts.
import { parseChoices } from '../../detect/settings.ts';
import { publishedModes } from '../../evaluate/published.ts';
import { runStacked, type StackedResult } from '../../evaluate/stacked.ts';
import { formatDuration, formatNumber } from '../../report/format.ts';
import type { Context } from '../context.ts';
import { openData } from '../data.ts';
import { type SessionFlags, sessionOf } from '../flags.ts';
import { alignPairs, alignRows } from '../text-table.ts';
import { choicesOf, type TrainingFlags } from '../training/flags.ts';
import { openCachedClassifier } from './classifier.ts';

/** Trains and counts with a bar; returns the record and prints nothing. */
export async function runStackedBench(
  context: Context,
  flags: TrainingFlags & SessionFlags & { readonly seeds: number },
): Promise<StackedResult> {
  const choices = parseChoices({ model: 'dcgan', ...choicesOf(flags) }, 'The command line');
  const dataset = await openData(context, 'mnist');
  const classifier = await openCachedClassifier(context, dataset, sessionOf(flags));
  const progress = context.progress();
  try {
    const run = runStacked(dataset, classifier, choices, {
      seeds: flags.seeds,
      session: sessionOf(flags),
      signal: context.signal,
    });
    let next = await run.next();
    for (; !next.done; next = await run.next()) {
      const { seed } = next.value;
      progress.update(next.value.progress, flags.seeds > 1 ? `training, seed ${seed}` : 'training');
    }
    return next.value;
  } finally {
    progress.stop();
    await classifier.close();
  }
}

/** Modes and divergence of each run, of real images, and as published. */
export function describeStacked(result: StackedResult): string {
  const { model, options, epochs, images, samples, classifier, real, runs } = result;
  const line = (name: string, { modes, divergence }: { modes: number; divergence: number }) => [
    name,
    String(modes),
    divergence.toFixed(3),
  ];
  const marked = publishedModes.map(({ method, unchecked, ...row }) =>
    line(`${method}${unchecked ? ' *' : ''}`, row),
  );
  return [
    `Stacked MNIST: modes of 1,000 found in ${samples.toLocaleString('en-US')} samples, KL from uniform in nats`,
    '',
    alignRows([
      ['', 'modes', 'KL'],
      ...runs.map((run) => line(`Oddity, ${model}${runs.length > 1 ? `, seed ${run.seed}` : ''}`, run)),
      line('real images (the best there can be)', real),
      ...marked,
    ]),
    '',
    '* from memory of the paper, still to be checked',
    '',
    alignPairs([
      ['model', `${model} ${JSON.stringify(options)}`],
      ['training', `${epochs} epochs over ${images.toLocaleString('en-US')} images`],
      ['time', runs.map(({ seconds }) => formatDuration(seconds)).join(', ')],
      ['classifier', `accuracy ${formatNumber(classifier.accuracy)}, ${classifier.hash.slice(0, 12)}`],
    ]),
  ].join('\n');
}
