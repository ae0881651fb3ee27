// What the numbers of a report come to, in sentences made of them: the questions of a reader who has only the report.
import type { ClassVerdicts, Detection } from './detection.ts';
import type { Exhibition, ModelExhibit } from './records.ts';

export interface Answer {
  readonly question: string;
  readonly answer: string;
}

const number = (value: number): string => value.toLocaleString('en-US');
const share = (value: number): string =>
  Number.isFinite(value) ? `${Number((100 * value).toPrecision(value > 0.99 && value < 1 ? 4 : 3))}%` : '–';
const list = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;

/** All answers, in the order in which they are asked. */
export function answersOf(exhibition: Exhibition): Answer[] {
  return [
    { question: 'What was normal?', answer: describeNormal(exhibition) },
    {
      question: exhibition.models.length > 1 ? 'Which models?' : 'Which model?',
      answer: exhibition.models.map(describeModel).join(' '),
    },
    {
      question: 'How well does it detect, and at which false-alarm rate?',
      answer: exhibition.models.map((model) => describeDetection(model)).join(' '),
    },
    {
      question: 'What does it get wrong?',
      answer: exhibition.models.map((model) => describeMistakes(model)).join(' '),
    },
    {
      question: 'Has a model collapsed to a few images?',
      answer: exhibition.models.map(describeCollapse).join(' '),
    },
    ...(exhibition.models.length > 1
      ? [{ question: 'Which should I use?', answer: recommend(exhibition) }]
      : []),
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
      ? `It was tested on ${number(test.count)} images it had not seen, ${number(anomalies)} of them anomalies${others.length > 0 ? ` (${names(others)})` : ''}.`
      : `It was tested on ${number(test.count)} images it had not seen; nothing says which of them are anomalies.`;
  return `Normal: ${which}, ${number(normalTraining)} training images. ${tested}`;
}

function describeModel({ name, title, manifest, parameters }: ModelExhibit): string {
  const { epochs, members, options } = manifest.training;
  const dimensions = Number(options.latentDim);
  return `${name}: ${title}, ${number(dimensions)} latent ${dimensions === 1 ? 'dimension' : 'dimensions'}, ${number(parameters)} weights${members > 1 ? `, ${members} networks` : ''}, ${number(epochs)} ${epochs === 1 ? 'epoch' : 'epochs'} over ${number(manifest.data.rows.training)} images.`;
}

/** In a sentence or three; `noun` is what rows are. */
export function describeDetection(
  { name, detection }: Pick<ModelExhibit, 'name' | 'detection'>,
  noun = 'images',
): string {
  const { truth, askedRate, alarms, score } = detection;
  if (truth === undefined) {
    return `${name} flags ${number(alarms)} of ${number(score.length)} ${noun} (${share(alarms / score.length)}) where ${share(askedRate)} false alarms were asked for; without known anomalies its detection cannot be measured.`;
  }
  const { metrics, recall, falseAlarmRate } = truth;
  return `${name} catches ${share(recall)} of the anomalies. Asked for ${share(askedRate)} false alarms, it raises ${share(falseAlarmRate)} (${promiseKept(askedRate, falseAlarmRate, metrics.n - metrics.positives, noun)}). Over all thresholds its AUROC is ${metrics.auroc.toFixed(4)} (1 is perfect, 0.5 is chance), its average precision ${metrics.averagePrecision.toFixed(4)}.`;
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

export function describeMistakes(
  { name, detection }: Pick<ModelExhibit, 'name' | 'detection'>,
  noun = 'images',
): string {
  const { truth, classes } = detection;
  if (truth === undefined) return `${name}: unknown, as nothing says which ${noun} are anomalies.`;
  const { metrics } = truth;
  const parts = [
    `${name} misses ${share(1 - truth.recall)} of the anomalies (${number(Math.round((1 - truth.recall) * metrics.positives))} of ${number(metrics.positives)})`,
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

function describeCollapse({ name, watched, manifest, measures }: ModelExhibit): string {
  if (watched === undefined && measures === undefined)
    return `${name}: unknown, as it was not watched while it trained.`;
  const diversity = measures?.diversity ?? watched?.diversity ?? Number.NaN;
  const duplicates = measures?.nearDuplicates ?? watched?.nearDuplicates ?? Number.NaN;
  const missing = watched?.missingClasses ?? 0;
  const warned = manifest.history.filter((record) => record.watched?.warning !== undefined).length;
  const isCollapsed = diversity < leastDiversity || duplicates > mostDuplicates || missing > 0;
  const seen = `its images are ${diversity.toFixed(2)} times as diverse as real ones, ${share(duplicates)} are near-copies of each other${missing > 0 ? `, ${missing} ${missing === 1 ? 'class never appears' : 'classes never appear'}` : ''}`;
  const warnings = warned > 0 ? `; ${warned} of ${manifest.history.length} epochs raised a warning` : '';
  return `${name} ${isCollapsed ? 'draws too little of what it was shown' : 'has not collapsed'}: ${seen}${warnings}.`;
}

/** Which model is better at what, decided by the numbers; detection first, as that is what a detector is for. */
function recommend({ models, claims }: Exhibition): string {
  const sentences: string[] = [];
  const judged = models.flatMap((model) =>
    model.detection.truth === undefined ? [] : [{ model, truth: model.detection.truth }],
  );
  const best = judged.toSorted((a, b) => b.truth.metrics.auroc - a.truth.metrics.auroc);
  const [first, second] = best;
  if (first !== undefined && second !== undefined) {
    const gap = first.truth.metrics.auroc - second.truth.metrics.auroc;
    const error = Math.hypot(aurocError(first.model.detection), aurocError(second.model.detection));
    sentences.push(
      gap > 1.96 * error
        ? `To detect anomalies: ${first.model.name}. Its AUROC is ${first.truth.metrics.auroc.toFixed(4)} against ${second.truth.metrics.auroc.toFixed(4)} of ${second.model.name}, a difference of ${(gap / error).toFixed(1)} standard errors of these test images; it catches ${share(first.truth.recall)} against ${share(second.truth.recall)}.`
        : `To detect anomalies: either; AUROC ${first.truth.metrics.auroc.toFixed(4)} of ${first.model.name} and ${second.truth.metrics.auroc.toFixed(4)} of ${second.model.name} differ by no more than chance on these test images.`,
    );
  }
  const drawing = drawingWinner(models);
  if (drawing !== undefined) sentences.push(drawing);
  const quick = models.toSorted((a, b) => b.speeds.scored - a.speeds.scored);
  const [fast, slow] = [quick[0], quick.at(-1)];
  if (fast !== undefined && slow !== undefined && fast.speeds.scored > 1.5 * slow.speeds.scored) {
    sentences.push(
      `${fast.name} scores ${number(Math.round(fast.speeds.scored))} images per second, ${slow.name} ${number(Math.round(slow.speeds.scored))}.`,
    );
  }
  const uneven = models.map(({ manifest }) => manifest.training.epochs * manifest.data.rows.training);
  if (Math.max(...uneven) > 1.5 * Math.min(...uneven)) {
    sentences.push(
      `Mind that they saw unequal amounts of training: ${models.map(({ name }, i) => `${name} ${number(uneven[i] ?? 0)} images`).join(', ')}.`,
    );
  }
  sentences.push('One training each: another seed may turn what is close.');
  for (const { verdict, sentence } of claims ?? []) if (verdict !== 'not judged') sentences.push(sentence);
  return sentences.join(' ');
}

function drawingWinner(models: readonly ModelExhibit[]): string | undefined {
  const measured = models.flatMap(({ name, measures }) =>
    measures === undefined ? [] : [{ name, value: measures.frechet }],
  );
  if (measured.length > 1) {
    const [best, next] = measured.toSorted((a, b) => a.value - b.value);
    if (best === undefined || next === undefined) return undefined;
    return `To draw images: ${best.name}, whose Fréchet distance to real ones is ${best.value.toPrecision(3)} against ${next.value.toPrecision(3)} of ${next.name}.`;
  }
  // Twice the sharpness of real images is noise, as far from them as half of it.
  const like = (value: number): number => Math.min(value, 1 / value);
  const [best, next] = models.toSorted((a, b) => like(b.sharpness) - like(a.sharpness));
  if (best === undefined || next === undefined) return undefined;
  return `Images nearer to real ones in sharpness: ${best.name}, ${best.sharpness.toFixed(2)} of real images' against ${next.sharpness.toFixed(2)} of ${next.name}.`;
}

/** Standard error of an area under the ROC curve: Hanley & McNeil (1982), eq. 1. */
function aurocError({ truth }: Detection): number {
  if (truth === undefined) return Number.NaN;
  const { auroc: a, n, positives } = truth.metrics;
  const negatives = n - positives;
  const [q1, q2] = [a / (2 - a), (2 * a * a) / (1 + a)];
  const variance =
    (a * (1 - a) + (positives - 1) * (q1 - a * a) + (negatives - 1) * (q2 - a * a)) / (positives * negatives);
  return Math.sqrt(Math.max(variance, 1e-12));
}
