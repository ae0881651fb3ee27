// What a finished training comes to, as JSON and in words.
import type { Detector } from '../../detect/detector.ts';
import { formatDuration, formatNumber, formatShare } from '../../report/format.ts';
import { alignPairs } from '../text-table.ts';

/** The smallest false-alarm rate that so many calibration rows can promise. */
export const smallestRate = (calibrationRows: number): number => 1 / (calibrationRows + 1);

type Described = Pick<Detector, 'manifest'>;

export function trainingSummary({ manifest }: Described, out: string) {
  const { training, data, history, seconds, falseAlarmRate } = manifest;
  return {
    out,
    data: data.name,
    normalClasses: data.normalClasses,
    model: training.model,
    members: training.members,
    epochs: training.epochs,
    rows: data.rows,
    losses: history.at(-1)?.losses ?? {},
    seconds,
    falseAlarmRate,
    smallestFalseAlarmRate: smallestRate(data.rows.calibration),
  };
}

/** `normal` says in words which rows were normal. */
export function describeTraining(detector: Described, out: string, normal: string): string {
  const { data, rows, epochs, members, seconds, losses, ...rest } = trainingSummary(detector, out);
  const noun = detector.manifest.data.encoding === undefined ? 'images' : 'rows';
  const rowCount = rows.training.toLocaleString('en-US');
  return alignPairs([
    ['saved', out],
    ['data', `${data}, normal: ${normal}`],
    [
      'model',
      `${rest.model}${members > 1 ? `, ${members} networks` : ''}, ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'} over ${rowCount} ${noun}`,
    ],
    [
      'losses',
      Object.entries(losses)
        .map(([name, value]) => `${name} ${formatNumber(value)}`)
        .join(', '),
    ],
    ['time', formatDuration(seconds)],
    ['calibrated', `on ${rows.calibration.toLocaleString('en-US')} ${noun} held out`],
    ['false alarms', describeRates(rest.falseAlarmRate, rest.smallestFalseAlarmRate)],
  ]);
}

/** The rate asked for against the smallest one that can be promised. */
export function describeRates(asked: number, smallest: number): string {
  const promise = `can promise ${formatShare(smallest)} or more`;
  return asked >= smallest * (1 - 1e-9)
    ? `asked ${formatShare(asked)}, ${promise}`
    : `asked ${formatShare(asked)}, but these rows ${promise}: train on more, or ask for more with --false-alarm-rate`;
}
