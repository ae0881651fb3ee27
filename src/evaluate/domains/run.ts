// Runs a domain bench: our detector and the classical baselines on the same rows, seed by seed, the last epoch of each.
import type { Choices } from '../../detect/settings.ts';
import { trainSteps } from '../../detect/train.ts';
import type { SessionOptions } from '../../runtime/session.ts';
import { baselines } from '../baselines/index.ts';
import { denseViews } from './dense.ts';
import type { DomainPart, Measure, PublishedMeasures, Trial } from './domain.ts';

export interface DomainOptions {
  readonly seeds?: number;
  readonly choices?: Choices;
  readonly session?: SessionOptions;
  readonly signal?: AbortSignal;
}

/** What a method got on one part, over the seeds. */
export interface MethodResult {
  readonly method: string;
  readonly kind: 'detector' | 'score' | 'baseline';
  /** One record of measures for each seed. */
  readonly runs: readonly Readonly<Record<string, number>>[];
  /** Training and scoring, all seeds. */
  readonly seconds: number;
}

export interface PartResult {
  readonly name: string;
  readonly protocol: string;
  readonly measures: readonly Measure[];
  readonly methods: readonly MethodResult[];
  readonly published: readonly PublishedMeasures[];
}

export interface DomainResult {
  readonly title: string;
  readonly seeds: number;
  readonly parts: readonly PartResult[];
  readonly seconds: number;
}

export interface DomainRecord {
  readonly part: string;
  readonly seed: number;
  /** What is at work. */
  readonly doing: string;
  /** 0..1 over the whole bench. */
  readonly progress: number;
}

/** Yields what is at work; throws as `trainSteps` and the readers do. */
export async function* runDomain(
  title: string,
  parts: readonly DomainPart[],
  { seeds = 3, choices = {}, ...run }: DomainOptions = {},
): AsyncGenerator<DomainRecord, DomainResult> {
  const began = performance.now();
  const results: PartResult[] = [];
  for (const [i, part] of parts.entries()) {
    const tally = createTally();
    for (let seed = 0; seed < seeds; seed++) {
      const at = (share: number): number => (i * seeds + seed + share) / (parts.length * seeds);
      const trial = await part.trial(seed);
      const training = runDetector(trial, { ...part.choices, ...choices, seed }, run, tally);
      for await (const share of training) {
        yield { part: part.name, seed, doing: 'training', progress: at(0.7 * share) };
      }
      yield { part: part.name, seed, doing: 'classical baselines', progress: at(0.7) };
      await runBaselines(trial, seed, run, tally);
    }
    const { name, protocol, measures, published } = part;
    results.push({ name, protocol, measures, published, methods: tally.results() });
  }
  return { title, seeds, parts: results, seconds: (performance.now() - began) / 1000 };
}

type Run = Pick<DomainOptions, 'session' | 'signal'>;
type Tally = ReturnType<typeof createTally>;

/** Collects the runs of each method in the order in which the methods came first. */
function createTally() {
  const methods = new Map<
    string,
    { kind: MethodResult['kind']; runs: Record<string, number>[]; seconds: number }
  >();
  return {
    add(
      method: string,
      kind: MethodResult['kind'],
      measures: Readonly<Record<string, number>>,
      seconds: number,
    ) {
      const entry = methods.get(method) ?? { kind, runs: [], seconds: 0 };
      entry.runs.push(measures);
      entry.seconds += seconds;
      methods.set(method, entry);
    },
    results: (): MethodResult[] => [...methods].map(([method, entry]) => ({ method, ...entry })),
  };
}

async function* runDetector(trial: Trial, choices: Choices, run: Run, tally: Tally): AsyncGenerator<number> {
  const began = performance.now();
  const training = trainSteps(trial.training, { ...choices, ...run });
  let next = await training.next();
  for (; !next.done; next = await training.next()) {
    if (next.value.kind === 'step') yield next.value.progress;
  }
  const detector = next.value;
  const signal = run.signal === undefined ? {} : { signal: run.signal };
  const { score, terms } = await detector.score(trial.test, signal);
  await detector.close();
  tally.add('Oddity', 'detector', trial.measure(score), (performance.now() - began) / 1000);
  for (const [name, values] of Object.entries(terms)) tally.add(name, 'score', trial.measure(values), 0);
}

async function runBaselines(trial: Trial, seed: number, run: Run, tally: Tally): Promise<void> {
  const signal = run.signal === undefined ? {} : { signal: run.signal };
  for (const { scaling, training, test } of await denseViews(trial.training, trial.test, run)) {
    for (const baseline of Object.values(baselines)) {
      const began = performance.now();
      const score = await baseline.fit(training, { seed, ...signal });
      const measures = trial.measure(await score(test));
      tally.add(`${baseline.title}, ${scaling}`, 'baseline', measures, (performance.now() - began) / 1000);
    }
  }
}
