// The promise of the false-alarm rate, held against normal rows that training and calibration never saw.
import { chooseRows } from '../../data/rows.ts';
import { splitRows } from '../../data/select.ts';
import { promisableRate } from '../../detect/calibrate.ts';
import { train } from '../../detect/train.ts';
import type { DomainPart } from './domain.ts';
import type { DomainOptions } from './run.ts';

/** Share of the normal training rows kept from everything. */
const freshShare = 0.2;

export interface PromiseResult {
  readonly part: string;
  readonly asked: number;
  readonly alarms: number;
  readonly fresh: number;
  readonly calibration: number;
  /** The counts of alarms between which 99 % of all runs lie where the promise holds. */
  readonly least: number;
  readonly most: number;
}

/** Trains on four fifths of a part's normals and counts the alarms among the rest. */
export async function checkPromise(
  part: DomainPart,
  wanted: number,
  { choices = {}, ...run }: Omit<DomainOptions, 'seeds'>,
): Promise<PromiseResult> {
  const { training: normal } = await part.trial(0);
  const { training, calibration: fresh } = splitRows(normal, {
    calibrationFraction: freshShare,
    seed: 'fresh',
  });
  const detector = await train(chooseRows(normal, training), { ...part.choices, ...choices, ...run });
  const { calibration } = detector.manifest.data.rows;
  const asked = promisableRate(wanted, calibration);
  const alarms = await detector.predict(chooseRows(normal, fresh), { falseAlarmRate: asked });
  await detector.close();
  return {
    part: part.name,
    asked,
    alarms: alarms.reduce((sum, each) => sum + each, 0),
    fresh: fresh.length,
    calibration,
    ...alarmInterval(fresh.length, calibration, asked),
  };
}

/**
 * Alarms among n fresh rows, at k = floor(rate (m + 1)) of m calibration rows: beta-binomial with k and m + 1 - k,
 * for the calibration rows are a sample too (Vovk 2012, "Conditional validity of inductive conformal predictors",
 * proposition 2a). The narrowest tails of at most 0.5 % on each side.
 */
export function alarmInterval(n: number, m: number, rate: number): { least: number; most: number } {
  const k = Math.floor(rate * (m + 1) + 1e-9);
  const rest = m + 1 - k;
  // P(x + 1) / P(x) of the beta-binomial, from P(0) as a logarithm.
  let logP = 0;
  for (let i = 0; i < n; i++) logP += Math.log((rest + i) / (k + rest + i));
  let [below, least, most] = [0, 0, n];
  for (let x = 0, found = false; x <= n; x++) {
    const p = Math.exp(logP);
    if (!found && below + p > 0.005) {
      least = x;
      found = true;
    }
    below += p;
    if (below >= 0.995) {
      most = x;
      break;
    }
    logP += Math.log(((n - x) * (k + x)) / ((x + 1) * (rest + n - x - 1)));
  }
  return { least, most };
}
