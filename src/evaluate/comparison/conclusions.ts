// What a comparison comes to, in sentences made of its numbers.

import { detectionOver, hasFailed, oscillationOf, overRuns } from '../claims.ts';
import { type Answer, number, share } from '../exhibition/conclusions.ts';
import type { ComparedModel, Comparison } from './records.ts';
import { differ, type Spread, tellSpread } from './spread.ts';

const three = (value: number): string => String(Number(value.toPrecision(3)));

/** All answers, in the order in which they are asked. */
export function comparisonAnswers(comparison: Comparison): Answer[] {
  const { dataset, models, seeds, samples, detection, references } = comparison;
  const real = references.find(({ name }) => name === 'real')?.measures;
  const points = (...said: (string | undefined)[]): string[] => said.filter((each) => each !== undefined);
  const failed = models.map(
    (model) => `${model.label} ${model.runs.filter(hasFailed).length} of ${model.runs.length}`,
  );
  const answers: Answer[] = [
    {
      question: 'What was compared?',
      points: [
        `${models.map((model) => `${model.label} (${model.settings.epochs} ${model.settings.epochs === 1 ? 'epoch' : 'epochs'})`).join(', ')} on ${number(dataset.train)} training images of ${dataset.name}, ${seeds} ${seeds === 1 ? 'training' : 'trainings'} each; ${number(samples)} images drawn from each.`,
      ],
    },
    {
      question: 'Which draws the better images?',
      points: points(
        best(
          models,
          overRuns((run) => run.generation.frechet),
          'lower',
          'Fréchet distance',
          real?.frechet,
        ),
        best(
          models,
          overRuns((run) => run.generation.coverage),
          'higher',
          'coverage',
          real?.coverage,
        ),
        best(
          models,
          overRuns(({ generation: { sharpness } }) => Math.min(sharpness, 1 / sharpness)),
          'higher',
          'likeness in sharpness to real images',
        ),
      ),
    },
    {
      question: 'Which trains more steadily?',
      points: points(
        `Trainings that diverged or collapsed: ${failed.join(', ')}.`,
        best(models, overRuns(oscillationOf), 'lower', 'swing of the losses from epoch to epoch'),
      ),
    },
    {
      question: 'Whose latent space is better structured?',
      points: points(
        best(
          models,
          overRuns(({ latent }) => latent.neighbourAccuracy),
          'higher',
          'share of codes among their own class',
          undefined,
          share,
        ),
        best(
          models,
          overRuns(({ latent }) => latent.pathLength),
          'lower',
          'length of walks',
        ),
        best(
          models,
          overRuns(({ latent }) => latent.reconstructionError),
          'lower',
          'squared error of reconstructions',
        ),
      ),
    },
    {
      question: 'Which detects better?',
      points: points(
        detection.classes.length === 0
          ? 'Not measured.'
          : best(
              models,
              (model) => detectionOver(model),
              'higher',
              `mean AUROC over ${detection.classes.length} ${detection.classes.length === 1 ? 'class' : 'classes'}`,
            ),
      ),
    },
  ];
  return seeds > 1
    ? answers
    : [
        ...answers,
        {
          question: 'How sure is that?',
          points: ['One training of each: another seed may turn what is close; --seeds 3 tells.'],
        },
      ];
}

/** Whose mean is the best, and whether by more than the spread of the trainings (Welch's test, 95 %). */
function best(
  models: readonly ComparedModel[],
  of: (model: ComparedModel) => Spread | undefined,
  better: 'higher' | 'lower',
  what: string,
  real?: number,
  format: (value: number) => string = three,
): string | undefined {
  const known = models.flatMap((model) => {
    const spread = of(model);
    return spread === undefined ? [] : [{ label: model.label, spread }];
  });
  const sign = better === 'higher' ? -1 : 1;
  const [first, ...others] = known.sort((a, b) => sign * (a.spread.mean - b.spread.mean));
  const [second] = others;
  if (first === undefined || second === undefined) return undefined;
  const told = (spread: Spread): string => tellSpread(spread, format);
  const against = others.map(({ label, spread }) => `${told(spread)} of ${label}`).join(', ');
  const beside = real === undefined ? '' : ` (real images: ${format(real)})`;
  const opening = what.charAt(0).toUpperCase() + what.slice(1);
  if (format(first.spread.mean) === format(second.spread.mean)) {
    return `${opening}: alike, ${told(first.spread)} of ${first.label} and ${against}${beside}.`;
  }
  return differ(first.spread, second.spread) === false
    ? `${opening}: undecided, ${told(first.spread)} of ${first.label} against ${against}${beside}; the trainings spread as far.`
    : `${opening}: ${first.label}, ${told(first.spread)} against ${against}${beside}.`;
}
