// What people say of VAEs and GANs, held against the numbers of one comparison. Every sentence is made of them.
import type {
  Claim,
  ComparedModel,
  DetectionProtocol,
  Evidence,
  ModelRun,
  Side,
  TrainedRun,
  Verdict,
} from './comparison/records.ts';
import { differ, type Spread, spreadOf } from './comparison/spread.ts';
import { effectiveClasses } from './comparison/stability.ts';

/** How a claim is judged: each question gives the values of one kind of model, one for each of its runs. */
interface Question {
  readonly measure: string;
  readonly better: 'higher' | 'lower';
  values(models: readonly ComparedModel[]): readonly number[];
}

const ofTrained =
  (value: (run: TrainedRun) => number | undefined): Question['values'] =>
  (models) =>
    models.flatMap((model) => trainedRuns(model).flatMap((run) => value(run) ?? []));

/** Runs that came to their end. */
export const trainedRuns = ({ runs }: Pick<ComparedModel, 'runs'>): TrainedRun[] =>
  runs.filter((run): run is TrainedRun => run.outcome === 'trained');

/** Whether a run broke or collapsed. */
export const hasFailed = (run: ModelRun): boolean => run.outcome === 'diverged' || run.collapsed;

/** Mean oscillation over the loss parts; undefined for too few epochs. */
export const oscillationOf = ({ oscillation }: TrainedRun): number | undefined =>
  spreadOf(Object.values(oscillation))?.mean;

/** A number over the runs that came to their end; undefined for none. */
export const overRuns =
  (value: (run: TrainedRun) => number | undefined) =>
  (model: ComparedModel): Spread | undefined =>
    spreadOf(trainedRuns(model).flatMap((run) => value(run) ?? []));

/** AUROC over seeds, of each the mean over its detectors: those of one protocol, or all. */
export function detectionOver(
  { detection }: ComparedModel,
  protocol?: DetectionProtocol,
): Spread | undefined {
  const bySeed = new Map<number, number[]>();
  for (const cell of detection) {
    if (cell.outcome !== 'trained' || (protocol !== undefined && cell.protocol !== protocol)) continue;
    bySeed.set(cell.seed, [...(bySeed.get(cell.seed) ?? []), cell.metrics.auroc]);
  }
  return spreadOf([...bySeed.values()].flatMap((values) => spreadOf(values)?.mean ?? []));
}

/** Distances over their mean: how far each seed is from what its model does on average; from three seeds on. */
function deviationsOf(model: ComparedModel): number[] {
  const distances = trainedRuns(model).map(({ generation }) => generation.frechet);
  const mean = spreadOf(distances)?.mean ?? 0;
  return distances.length < 3 || mean === 0 ? [] : distances.map((each) => Math.abs(each - mean) / mean);
}

/** A claim holds where each of its parts does; `side` is whom it praises. */
interface Saying {
  readonly claim: string;
  readonly side: Side;
  readonly parts: readonly { readonly part: string; readonly questions: readonly Question[] }[];
}

const sayings: readonly Saying[] = [
  {
    claim: 'GANs are sharper',
    side: 'adversarial',
    parts: [
      {
        part: 'sharper',
        questions: [
          {
            // Twice the sharpness of real images is noise, as far from them as half of it.
            measure: 'likeness in sharpness to real images (1 alike; blur and noise fall short)',
            better: 'higher',
            values: ofTrained(({ generation: { sharpness } }) => Math.min(sharpness, 1 / sharpness)),
          },
        ],
      },
    ],
  },
  {
    claim: 'VAEs are more diverse and easier to train',
    side: 'variational',
    parts: [
      {
        part: 'more diverse',
        questions: [
          { measure: 'coverage', better: 'higher', values: ofTrained((run) => run.generation.coverage) },
          { measure: 'recall', better: 'higher', values: ofTrained((run) => run.generation.recall) },
          {
            measure: 'classes effectively reached',
            better: 'higher',
            values: ofTrained((run) => effectiveClasses(run.generation.classes)),
          },
        ],
      },
      {
        part: 'easier to train',
        questions: [
          {
            measure: 'share of runs diverged or collapsed',
            better: 'lower',
            values: (models) => models.flatMap(({ runs }) => runs.map((run) => Number(hasFailed(run)))),
          },
          { measure: 'loss oscillation', better: 'lower', values: ofTrained(oscillationOf) },
          {
            measure: 'relative deviation of the Fréchet distance between seeds',
            better: 'lower',
            values: (models) => models.flatMap(deviationsOf),
          },
        ],
      },
    ],
  },
  {
    claim: 'VAE latents are better structured',
    side: 'variational',
    parts: [
      {
        part: 'better structured',
        questions: [
          {
            measure: 'class accuracy of nearest codes',
            better: 'higher',
            values: ofTrained((run) => run.latent.neighbourAccuracy),
          },
          {
            measure: 'silhouette of the classes',
            better: 'higher',
            values: ofTrained((run) => run.latent.silhouette),
          },
          {
            // A generator that draws one image stands still on every path.
            measure: 'perceptual path length of runs that did not collapse',
            better: 'lower',
            values: ofTrained((run) => (run.collapsed ? undefined : run.latent.pathLength)),
          },
        ],
      },
    ],
  },
];

/** Judges every claim on models of the two kinds; hybrids count for neither. */
export function judgeClaims(models: readonly ComparedModel[]): Claim[] {
  const groups = {
    variational: models.filter(({ kind }) => kind === 'variational'),
    adversarial: models.filter(({ kind }) => kind === 'adversarial'),
  };
  return sayings.map(({ claim, side, parts }) => {
    if (groups.variational.length === 0 || groups.adversarial.length === 0) {
      const sentence = `"${claim}" is not judged: that takes a VAE and a GAN among the models.`;
      return { claim, verdict: 'not judged', sentence, evidence: [] };
    }
    const judged = parts.map(({ part, questions }): JudgedPart => {
      const evidence = questions.flatMap((question) => weigh(part, question, groups) ?? []);
      return { part, evidence, verdict: verdictOf(evidence, side) };
    });
    const verdict = verdictOfAll(judged.map((each) => each.verdict));
    const sentence = sentenceOf(claim, verdict, judged, side, groups);
    return { claim, verdict, sentence, evidence: judged.flatMap(({ evidence }) => evidence) };
  });
}

interface JudgedPart {
  readonly part: string;
  readonly verdict: Verdict;
  readonly evidence: readonly Evidence[];
}

const endings: Readonly<Record<Verdict, string>> = {
  reproduced: 'is reproduced',
  refuted: 'is refuted',
  mixed: 'holds in part',
  'not decided': 'is not decided by these runs',
  'not judged': 'is not judged',
};

type Groups = Readonly<Record<Side, readonly ComparedModel[]>>;

function weigh(part: string, { measure, better, values }: Question, groups: Groups): Evidence | undefined {
  const [variational, adversarial] = [
    spreadOf(values(groups.variational)),
    spreadOf(values(groups.adversarial)),
  ];
  if (variational === undefined || adversarial === undefined) return undefined;
  const found = { part, measure, better, variational, adversarial };
  const isDifferent = differ(variational, adversarial) ?? variational.mean !== adversarial.mean;
  if (!isDifferent) return found;
  const variationalWins = variational.mean > adversarial.mean === (better === 'higher');
  return { ...found, favours: variationalWins ? 'variational' : 'adversarial' };
}

function verdictOf(evidence: readonly Evidence[], side: Side): Verdict {
  const decided = evidence.flatMap(({ favours }) => favours ?? []);
  if (decided.length === 0) return 'not decided';
  if (decided.every((favours) => favours === side)) return 'reproduced';
  return decided.includes(side) ? 'mixed' : 'refuted';
}

/** All parts must hold; one that does while another is open or wrong makes a claim hold in part. */
function verdictOfAll(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.every((verdict) => verdict === verdicts[0])) return verdicts[0] ?? 'not decided';
  const holds = verdicts.some((verdict) => verdict === 'reproduced' || verdict === 'mixed');
  return holds ? 'mixed' : 'refuted';
}

function sentenceOf(
  claim: string,
  verdict: Verdict,
  parts: readonly JudgedPart[],
  side: Side,
  groups: Groups,
): string {
  const named = (kind: Side): string => groups[kind].map(({ label }) => label).join(', ');
  const counts = parts.flatMap(({ evidence }) =>
    evidence.flatMap(({ variational, adversarial }) => [variational.count, adversarial.count]),
  );
  return [
    `"${claim}" ${endings[verdict]} (VAEs: ${named('variational')}; GANs: ${named('adversarial')}; VAEs' number first).`,
    ...parts.flatMap((each) => [
      ...(parts.length > 1 ? [`${capitalise(each.part)} ${endings[each.verdict]}.`] : []),
      ...describeEvidence(each.evidence, side),
    ]),
    ...(Math.min(...counts) === 1 ? ['One run of a side is too few to know the spread.'] : []),
  ].join(' ');
}

function describeEvidence(evidence: readonly Evidence[], side: Side): string[] {
  if (evidence.length === 0) return ['No run of one side came to its end.'];
  const told = ({ measure, variational, adversarial }: Evidence): string =>
    `${measure} ${describeSpread(variational)} against ${describeSpread(adversarial)}`;
  const list = (start: string, belongs: (favours?: Side) => boolean): string[] => {
    const some = evidence.filter(({ favours }) => belongs(favours));
    return some.length === 0 ? [] : [`${start} ${some.map(told).join('; ')}.`];
  };
  return [
    ...list('For it:', (favours) => favours === side),
    ...list('Against it:', (favours) => favours !== undefined && favours !== side),
    ...list('No difference beyond the spread of the runs:', (favours) => favours === undefined),
  ];
}

const capitalise = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** `0.412 ± 0.013`, the standard deviation over runs after the sign; three digits. */
function describeSpread({ mean, deviation, count }: Spread): string {
  const digits = (value: number): string => String(Number(value.toPrecision(3)));
  return count > 1 ? `${digits(mean)} ± ${Number(deviation.toPrecision(2))}` : digits(mean);
}
