// What the numbers of a report come to, in sentences made of them: the questions of a reader who has only the report.
import { compareAuroc } from '../compare-auroc.ts';
import type { ClassVerdicts } from './detection.ts';
import type { Exhibition, ModelExhibit } from './records.ts';

export interface Answer {
  readonly question: string;
  /** A sentence or a few each; one for each model where models differ. */
  readonly points: readonly string[];
}

export const number = (value: number): string => value.toLocaleString('en-US');
/** In percent. */
export const share = (value: number): string =>
  Number.isFinite(value) ? `${Number((100 * value).toPrecision(value > 0.99 && value < 1 ? 4 : 3))}%` : '–';
const list = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

/** All answers, in the order in which they are asked. */
export function answersOf(exhibition: Exhibition): Answer[] {
  const { models } = exhibition;
  return [
    { question: 'What was normal?', points: [describeNormal(exhibition)] },
    { question: models.length > 1 ? 'Which models?' : 'Which model?', points: models.map(describeModel) },
    ...judgementsOf(models, 'images'),
    { question: 'Has a model collapsed to a few images?', points: models.map(describeCollapse) },
    ...whichToUse(models.length > 1 ? recommendModel(models) : []),
  ];
}

/** The question that a recommendation answers, where there is one. */
export const whichToUse = (points: readonly string[]): Answer[] =>
  points.length === 0 ? [] : [{ question: 'Which should I use?', points }];

/** A detector by its name, whatever its rows are. */
export type Judged = Pick<ModelExhibit, 'label' | 'detection'>;

/** How well models detect, and what they get wrong; `noun` is what rows are. */
export function judgementsOf(models: readonly Judged[], noun: string): Answer[] {
  return [
    {
      question: 'How well does it detect, and at which false-alarm rate?',
      points: models.map((model) => describeDetection(model, noun)),
    },
    { question: 'What does it get wrong?', points: models.map((model) => describeMistakes(model, noun)) },
  ];
}

function describeNormal({
  data,
  classNames,
  normalClasses,
  normalTraining,
  isAnomaly,
  test,
}: Exhibition): string {
  const names = (labels: readonly number[]): string =>
    list(labels.map((label) => classNames[label] ?? String(label)));
  const others = classNames.map((_, label) => label).filter((label) => !normalClasses.includes(label));
  const which =
    normalClasses.length === 0 || others.length === 0
      ? `all images of ${data.name}`
      : `${names(normalClasses)} of ${data.name}`;
  const anomalies = isAnomaly?.reduce((sum, each) => sum + each, 0) ?? 0;
  const tested =
    anomalies > 0
      ? `Tested on ${number(test.count)} images not seen before, ${number(anomalies)} of them anomalies${others.length > 0 ? ` (${names(others)})` : ''}.`
      : `Tested on ${number(test.count)} images not seen before; nothing says which of them are anomalies.`;
  return `Normal: ${which}, ${number(normalTraining)} training images. ${tested}`;
}

function describeModel({ label, title, manifest, parameters }: ModelExhibit): string {
  const { epochs, members, options } = manifest.training;
  const dimensions = Number(options.latentDim);
  return `${label}: ${title}, ${number(dimensions)} latent ${dimensions === 1 ? 'dimension' : 'dimensions'}, ${number(parameters)} weights${members > 1 ? `, ${members} networks` : ''}, ${number(epochs)} ${epochs === 1 ? 'epoch' : 'epochs'} over ${number(manifest.data.rows.training)} images.`;
}

function describeDetection({ label, detection }: Judged, noun: string): string {
  const { truth, askedRate, alarms, score } = detection;
  if (truth === undefined) {
    return `${label} flags ${number(alarms)} of ${number(score.length)} ${noun} (${share(alarms / score.length)}) where ${share(askedRate)} false alarms were asked for; without known anomalies its detection cannot be measured.`;
  }
  const { metrics, recall, falseAlarmRate } = truth;
  return `${label} catches ${share(recall)} of the anomalies. Asked for ${share(askedRate)} false alarms, it raises ${share(falseAlarmRate)} (${promiseKept(askedRate, falseAlarmRate, metrics.n - metrics.positives, noun)}). Over all thresholds its AUROC is ${metrics.auroc.toFixed(4)} (1 is perfect, 0.5 is chance), its average precision ${metrics.averagePrecision.toFixed(4)}.`;
}

/** Whether a measured rate is within what chance allows, at 95 %. */
function promiseKept(asked: number, measured: number, count: number, noun: string): string {
  const allowed = 1.96 * Math.sqrt((asked * (1 - asked)) / Math.max(1, count));
  if (Math.abs(measured - asked) <= allowed) return 'as promised, within chance';
  return measured > asked
    ? `more than promised: these test ${noun} differ from the training ${noun} by more than chance`
    : 'fewer than promised';
}

const rateOf = ({ flagged, count }: ClassVerdicts): number => flagged / count;

function describeMistakes({ label, detection }: Judged, noun: string): string {
  const { truth, classes } = detection;
  if (truth === undefined) return `${label}: unknown, as nothing says which ${noun} are anomalies.`;
  const { metrics } = truth;
  const parts = [
    `${label} misses ${share(1 - truth.recall)} of the anomalies (${number(Math.round((1 - truth.recall) * metrics.positives))} of ${number(metrics.positives)})`,
    `${share(1 - truth.precision)} of its alarms are false`,
  ];
  const [normal, anomalous] = [false, true].map((kind) =>
    classes.filter(({ isAnomaly }) => isAnomaly === kind),
  ) as [ClassVerdicts[], ClassVerdicts[]];
  const worst = normal.toSorted((a, b) => rateOf(b) - rateOf(a))[0];
  if (normal.length > 1 && worst !== undefined && worst.flagged > 0) {
    parts.push(`of the normal classes, ${worst.name} is flagged most often (${share(rateOf(worst))})`);
  }
  const hardest = anomalous.toSorted((a, b) => rateOf(a) - rateOf(b))[0];
  if (anomalous.length > 1 && hardest !== undefined) {
    parts.push(`of the anomalies, ${hardest.name} is caught least often (${share(rateOf(hardest))})`);
  }
  return `${parts.join('; ')}.`;
}

/** Beyond these a model counts as collapsed, as in the mode watch. */
const leastDiversity = 0.5;
const mostDuplicates = 0.25;

function describeCollapse({ label, watched, manifest, measures }: ModelExhibit): string {
  if (watched === undefined && measures === undefined)
    return `${label}: unknown, as it was not watched while it trained.`;
  const diversity = measures?.diversity ?? watched?.diversity ?? Number.NaN;
  const duplicates = measures?.nearDuplicates ?? watched?.nearDuplicates ?? Number.NaN;
  const missing = watched?.missingClasses ?? 0;
  const warned = manifest.history.filter((record) => record.watched?.warning !== undefined).length;
  const isCollapsed = diversity < leastDiversity || duplicates > mostDuplicates || missing > 0;
  const seen = `its images are ${diversity.toFixed(2)} times as diverse as real ones, ${share(duplicates)} are near-copies of each other${missing > 0 ? `, ${missing} ${missing === 1 ? 'class never appears' : 'classes never appear'}` : ''}`;
  const warnings = warned > 0 ? `; ${warned} of ${manifest.history.length} epochs raised a warning` : '';
  return `${label} ${isCollapsed ? 'draws too little of what it was shown' : 'has not collapsed'}: ${seen}${warnings}.`;
}

/** Which model is better at what, decided by the numbers; detection first, as that is what a detector is for. */
export function recommendModel(models: readonly ModelExhibit[]): string[] {
  const points = [detectingWinner(models), drawingWinner(models)];
  const [fast, slow] = [...models]
    .sort((a, b) => b.speeds.scored - a.speeds.scored)
    .filter((_, i, sorted) => i === 0 || i === sorted.length - 1);
  if (fast !== undefined && slow !== undefined && fast.speeds.scored > 1.5 * slow.speeds.scored) {
    points.push(
      `To score in time: ${fast.label}, ${number(Math.round(fast.speeds.scored))} images per second against ${number(Math.round(slow.speeds.scored))} of ${slow.label}.`,
    );
  }
  const seen = models.map(({ manifest }) => manifest.training.epochs * manifest.data.rows.training);
  const isUneven = Math.max(...seen) > 1.5 * Math.min(...seen);
  points.push(
    `One training each: another seed may turn what is close.${isUneven ? ` And they saw unequal amounts of training: ${models.map(({ label }, i) => `${label} ${number(seen[i] ?? 0)} images`).join(', ')}.` : ''}`,
  );
  return points.filter((point) => point !== undefined);
}

/** The model with the largest AUROC, where it is the largest by more than chance (DeLong's test, 95 %). */
export function detectingWinner(models: readonly Judged[], noun = 'images'): string | undefined {
  const judged = models.flatMap(({ label, detection }) =>
    detection.truth === undefined ? [] : [{ label, detection, truth: detection.truth }],
  );
  const [first, second] = judged.sort((a, b) => b.truth.metrics.auroc - a.truth.metrics.auroc);
  if (first === undefined || second === undefined) return undefined;
  const [one, two] = [first, second].map(({ truth }) => truth.metrics.auroc) as [number, number];
  const { difference, standardError } = compareAuroc(
    first.detection.score,
    second.detection.score,
    first.detection.isAnomaly ?? [],
  );
  const inErrors =
    standardError > 0
      ? `, a difference of ${(difference / standardError).toFixed(1)} standard errors on these test ${noun}`
      : '';
  return difference > 1.96 * standardError
    ? `To detect anomalies: ${first.label}. Its AUROC is ${one.toFixed(4)} against ${two.toFixed(4)} of ${second.label}${inErrors}; it catches ${share(first.truth.recall)} against ${share(second.truth.recall)}.`
    : `To detect anomalies: either; AUROC ${one.toFixed(4)} of ${first.label} and ${two.toFixed(4)} of ${second.label} differ by no more than chance on these test ${noun}.`;
}

function drawingWinner(models: readonly ModelExhibit[]): string | undefined {
  const measured = models.flatMap(({ label, measures }) =>
    measures === undefined ? [] : [{ label, value: measures.frechet }],
  );
  if (measured.length > 1) {
    const [best, next] = measured.toSorted((a, b) => a.value - b.value);
    if (best === undefined || next === undefined) return undefined;
    return `To draw images: ${best.label}, whose Fréchet distance to real ones is ${best.value.toPrecision(3)} against ${next.value.toPrecision(3)} of ${next.label}.`;
  }
  // Twice the sharpness of real images is noise, as far from them as half of it.
  const like = (value: number): number => Math.min(value, 1 / value);
  const [best, next] = models.toSorted((a, b) => like(b.sharpness) - like(a.sharpness));
  if (best === undefined || next === undefined) return undefined;
  return `Images nearer to real ones in sharpness: ${best.label}, ${best.sharpness.toFixed(2)} of real images' against ${next.sharpness.toFixed(2)} of ${next.label}.`;
}
