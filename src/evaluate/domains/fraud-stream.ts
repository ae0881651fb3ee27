// A stream of card transactions: Le Borgne et al., "Reproducible machine learning for credit card fraud detection -
// practical handbook" (2022), chapters 3 and 4: trained on one week, then a week of delay in which frauds come to
// light, then a week to judge.

import type { NumberColumn, TableSet } from '../../data/table.ts';
import { inferSchema } from '../../data/tables/infer-schema.ts';
import { dayColumn, withPeriod } from '../../data/tables/periods.ts';
import { withProfiles } from '../../data/tables/profiles.ts';
import { readRows } from '../../data/tables/read-rows.ts';
import { openTable } from '../../data/tables/source.ts';
import { detectionMeasures, measureDetection, trialOf } from './detection-trial.ts';
import type { DomainBench } from './domain.ts';

/** Profiles look 30 days back, and their risk 7 more. */
const period = { from: '2018-06-01', to: '2018-08-01' } as const;
/** Days since the period's first: training from 2018-07-11, judging from 2018-07-25. */
const [trainingDay, judgedDay, week, delay] = [40, 54, 7, 7];
/** Cards that can be looked at in a day. */
const looks = 100;

const amount = 'TX_AMOUNT';
const [customer, terminal] = ['CUSTOMER_ID', 'TERMINAL_ID'];
/** The handbook's fifteen features, as near as profiles have them, and each amount over its customer's habit. */
const features = [
  amount,
  'weekend',
  'night',
  ...[1, 7, 30].flatMap((days) => [
    `${customer}: rows in ${days} d`,
    `${customer}: mean ${amount} in ${days} d`,
    `${terminal}: rows in ${days} d`,
    `${terminal}: risk in ${days} d`,
  ]),
  `${customer}: ${amount} to habit`,
];

export const fraudStream: DomainBench = {
  title: 'A stream of card transactions (Fraud Detection Handbook)',
  async open(files) {
    const source = await openTable(files.find('fdh', 'fdh_raw_2018-04-01_2018-09-30.csv.gz'));
    let table: TableSet;
    try {
      const profiled = await withProfiles(withPeriod(source, 'TX_DATETIME', period.from, period.to), {
        time: 'TX_DATETIME',
        entities: [customer, terminal],
        amounts: [amount],
        days: [1, 7, 30],
        risk: { column: 'TX_FRAUD', normal: ['0'], delayDays: delay },
      });
      const kept = new Set([...features, dayColumn, customer, 'TX_FRAUD']);
      const drop = profiled.columns.map(({ name }) => name).filter((name) => !kept.has(name));
      const number = profiled.columns.map(({ name }) => name).filter((name) => kept.has(name));
      const schema = await inferSchema(profiled, { drop, number });
      ({ rows: table } = await readRows(profiled, schema, { sampleRows: 3_000_000 }));
    } finally {
      source.close();
    }
    const numbers = (name: string): Float32Array => {
      const column = table.columns.find(
        (each): each is NumberColumn => each.kind === 'number' && each.name === name,
      );
      if (column === undefined) throw new RangeError(`The profiles have no column '${name}'.`);
      return column.values;
    };
    const [days, cards, frauds] = [numbers(dayColumn), numbers(customer), numbers('TX_FRAUD')];
    const isFraud = Uint8Array.from(frauds);
    const rows = [...days.keys()];
    const inWeek = (row: number, first: number): boolean => {
      const day = days[row] ?? 0;
      return day >= first && day < first + week;
    };
    const training = rows.filter((row) => inWeek(row, trainingDay) && isFraud[row] === 0);
    const judged = judgedRows({ days, cards, isFraud });
    const learnt: TableSet = {
      count: table.count,
      columns: table.columns.filter(({ name }) => features.includes(name)),
    };
    return [
      {
        name: 'fdh',
        protocol:
          'trained on the transactions of 2018-07-11 to 07-17 that were no frauds, judged on those of 07-25 to 07-31; cards whose fraud is known by then are left out',
        measures: [...detectionMeasures, { name: `card precision@${looks}`, digits: 3 }],
        choices: {},
        published: [
          {
            method: "the handbook's autoencoder",
            measures: { AUROC: 0.836, AP: 0.18, [`card precision@${looks}`]: 0.217 },
          },
          {
            method: "the handbook's isolation forest",
            measures: { AUROC: 0.808, AP: 0.164, [`card precision@${looks}`]: 0.19 },
          },
          {
            method: "the handbook's supervised networks",
            measures: { AUROC: 0.86, AP: 0.65, [`card precision@${looks}`]: 0.28 },
          },
        ],
        async trial() {
          const trial = trialOf(learnt, training, learnt, judged, isFraud);
          const detection = measureDetection(trial.isAnomaly);
          const place = (values: Float32Array) => Float32Array.from(judged, (row) => values[row] ?? 0);
          const [judgedDays, judgedCards] = [place(days), place(cards)];
          return {
            ...trial,
            measure: (scores) => ({
              ...detection(scores),
              [`card precision@${looks}`]: cardPrecision(scores, trial.isAnomaly, judgedDays, judgedCards),
            }),
          };
        },
      },
    ];
  },
};

/**
 * The judged week without the cards known to be compromised: those with a fraud in the training week, and on each day
 * those with a fraud up to a week before.
 */
function judgedRows({
  days,
  cards,
  isFraud,
}: Readonly<Record<'days' | 'cards', Float32Array>> & { readonly isFraud: Uint8Array }): number[] {
  const known = new Set<number>();
  const learn = (first: number, end: number): void => {
    for (const [row, day] of days.entries()) {
      if (day >= first && day < end && isFraud[row] === 1) known.add(cards[row] ?? 0);
    }
  };
  learn(trainingDay, trainingDay + week);
  const judged: number[] = [];
  for (let day = judgedDay; day < judgedDay + week; day++) {
    learn(day - delay - 1, day - delay);
    for (const [row, each] of days.entries())
      if (each === day && !known.has(cards[row] ?? 0)) judged.push(row);
  }
  return judged;
}

/**
 * Share of compromised cards among the hundred with the highest score of each day, mean over the days; cards found
 * are not looked at again.
 */
export function cardPrecision(
  scores: Float32Array,
  isFraud: Uint8Array,
  days: Float32Array,
  cards: Float32Array,
): number {
  const found = new Set<number>();
  const precisions: number[] = [];
  for (const day of [...new Set(days)].sort((a, b) => a - b)) {
    const byCard = new Map<number, { score: number; isFraud: boolean }>();
    for (const [row, score] of scores.entries()) {
      const card = cards[row] ?? 0;
      if (days[row] !== day || found.has(card)) continue;
      const entry = byCard.get(card) ?? { score: Number.NEGATIVE_INFINITY, isFraud: false };
      byCard.set(card, { score: Math.max(entry.score, score), isFraud: entry.isFraud || isFraud[row] === 1 });
    }
    const top = [...byCard].sort(([, a], [, b]) => b.score - a.score).slice(0, looks);
    const hits = top.filter(([, each]) => each.isFraud);
    for (const [card] of hits) found.add(card);
    precisions.push(hits.length / looks);
  }
  return precisions.reduce((sum, each) => sum + each, 0) / Math.max(1, precisions.length);
}
