// What a threshold costs: money lost to anomalies that are missed, and the work that alarms make.
import { OddityError } from '../errors.ts';

export interface CostOptions {
  /** What an anomaly costs that raises no alarm, for each row [n]; that of a normal row is not looked at. */
  readonly amounts: ArrayLike<number>;
  /** What it costs to look into one alarm, true or false. */
  readonly alarmCost: number;
}

/** What happens where rows with a score above `threshold` raise an alarm. */
export interface CostPoint {
  readonly threshold: number;
  readonly alarms: number;
  readonly falseAlarms: number;
  /** Share of normal rows that raise an alarm. */
  readonly falseAlarmRate: number;
  /** Anomalies that raise an alarm, and the sum of their amounts. */
  readonly caught: number;
  readonly saved: number;
  /** Sum of the amounts of those that raise none. */
  readonly lost: number;
  /** Cost of all alarms. */
  readonly alarmCosts: number;
  /** lost + alarmCosts. */
  readonly cost: number;
}

export interface CostCurve {
  /** One point for each set of alarms that a threshold can raise, from none of the rows to all of them. */
  readonly points: readonly CostPoint[];
  /** The first of the points whose cost is least. */
  readonly cheapest: CostPoint;
  /** What all anomalies cost where nothing is done. */
  readonly doingNothing: number;
}

/** Prices every threshold. Throws BAD_DATA for an anomaly whose amount is missing or below 0, and without rows of both kinds. */
export function costCurve(
  scores: ArrayLike<number>,
  isAnomaly: ArrayLike<number>,
  { amounts, alarmCost }: CostOptions,
): CostCurve {
  const count = scores.length;
  const order = new Uint32Array(count).map((_, i) => i).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  let [doingNothing, anomalies] = [0, 0];
  for (let row = 0; row < count; row++) {
    if (!isAnomaly[row]) continue;
    doingNothing += amountOf(amounts, row);
    anomalies++;
  }
  const normals = count - anomalies;
  if (anomalies === 0 || normals === 0) {
    throw new OddityError(
      'BAD_DATA',
      `Costs need normal and anomalous rows, got ${normals} normal and ${anomalies} anomalous; evaluate on data that has both.`,
    );
  }
  const points: CostPoint[] = [];
  let [alarms, caught, saved] = [0, 0, 0];
  const add = (threshold: number): void => {
    const falseAlarms = alarms - caught;
    const lost = doingNothing - saved;
    const alarmCosts = alarms * alarmCost;
    points.push({
      threshold,
      alarms,
      falseAlarms,
      falseAlarmRate: falseAlarms / normals,
      caught,
      saved,
      lost,
      alarmCosts,
      cost: lost + alarmCosts,
    });
  };
  add(scores[order[0] ?? 0] ?? 0);
  for (let i = 0; i < count; i++) {
    const row = order[i] ?? 0;
    const score = scores[row] ?? 0;
    alarms++;
    if (isAnomaly[row]) {
      caught++;
      saved += amounts[row] ?? 0;
    }
    const next = scores[order[i + 1] ?? 0] ?? 0;
    if (i + 1 === count) add(score - Math.max(1, Math.abs(score)));
    else if (next !== score) add(shortestBetween(next, score));
  }
  const cheapest = points.reduce((best, point) => (point.cost < best.cost ? point : best));
  return { points, cheapest, doingNothing };
}

function amountOf(amounts: ArrayLike<number>, row: number): number {
  const amount = amounts[row] ?? Number.NaN;
  if (amount >= 0 && amount < Number.POSITIVE_INFINITY) return amount;
  throw new OddityError(
    'BAD_DATA',
    `Expected an amount of 0 or more for every anomaly, got ${Number.isNaN(amount) ? 'none' : amount} in row ${row}; mend it, or name another column.`,
    { data: { row, amount } },
  );
}

/** A number with few digits from `low` up to, but not, `high`: above it lie `high` and all that is higher. */
function shortestBetween(low: number, high: number): number {
  const middle = low + (high - low) / 2;
  for (let digits = 3; digits < 17; digits++) {
    const short = Number(middle.toPrecision(digits));
    if (short >= low && short < high) return short;
  }
  return low;
}
