// Five patterns of fraud, and when they strike. Each pattern has a budget that grows by the day; a campaign begins
// whenever the budget is open and is paid from it, so that the share asked for is met over time.
import { createRandom, type Random } from '../../nn/random.ts';
import type { City } from './city.ts';
import { drawAmount, drawSecond, highestNormal, usualTerminal } from './habits.ts';
import { type FraudPattern, fraudPatterns, type Purchase } from './purchase.ts';

/** Share of all frauds, and the frauds that a campaign brings on average. */
const habits: Readonly<Record<FraudPattern, { readonly share: number; readonly size: number }>> = {
  high_amount: { share: 0.15, size: 1 },
  terminal: { share: 0.25, size: 10 },
  card: { share: 0.25, size: 8 },
  card_testing: { share: 0.25, size: 12 },
  unusual_place: { share: 0.1, size: 1 },
};

/** Days that campaigns last, at most; and days before the first on which they already begin. */
const longest = 21;
/** Share of a compromised card's or terminal's payments that are fraud, at most. */
const highestHit = 0.8;

/** A card or a terminal in wrong hands. */
interface Campaign {
  /** The last day. */
  readonly end: number;
  /** Chance of each payment to be fraud. */
  readonly hit: number;
  /** What amounts are multiplied by. */
  readonly factor: number;
}

export interface Fraud {
  /** Changes the purchases of a day, and adds some. Days come in order from 0. */
  strike(day: number, purchases: Purchase[]): void;
}

export function createFraud(
  city: City,
  { seed, fraud }: { readonly seed: number | string; readonly fraud: number },
): Fraud {
  const perDay = fraudsPerDay(city, fraud);
  const cards = new Map<number, Campaign>();
  const terminals = new Map<number, Campaign>();
  const open = createRandom(`transactions/${seed}/fraud`);
  // A budget is in debt by half a campaign on average: it starts so.
  const budget = new Map(fraudPatterns.map((pattern) => [pattern, -open.uniform() * habits[pattern].size]));
  const traffic = trafficOf(city);

  /** Begins a campaign and returns how many frauds it will bring on average. */
  const begin: Readonly<Record<FraudPattern, (day: number, random: Random, added: Purchase[]) => number>> = {
    high_amount(_day, random, added) {
      const customer = random.integer(city.customers);
      const amount = highestNormal * (1.3 + 4 * random.uniform() ** 2);
      const terminal = usualTerminal(city, customer, random);
      added.push({
        ...{ second: drawSecond(city, customer, random), customer, terminal, amount },
        pattern: 'high_amount',
      });
      return 1;
    },
    terminal(day, random) {
      // By way of a customer, so that busy terminals are found more often.
      const terminal = usualTerminal(city, random.integer(city.customers), random);
      const length = 5 + random.integer(longest - 5);
      const size = habits.terminal.size * (0.6 + 0.8 * random.uniform());
      return occupy(terminals, terminal, day + length, length * (traffic[terminal] ?? 0), size, {
        factor: 1.3 + 1.2 * random.uniform(),
      });
    },
    card(day, random) {
      const customer = random.integer(city.customers);
      const length = 3 + random.integer(12);
      const size = habits.card.size * (0.6 + 0.8 * random.uniform());
      return occupy(cards, customer, day + length, length * (city.rate[customer] ?? 0), size, {
        factor: 3 + 4 * random.uniform(),
      });
    },
    card_testing(_day, random, added) {
      const customer = random.integer(city.customers);
      const terminal = random.integer(city.terminals);
      const count = 6 + random.integer(13);
      let second = random.integer(86_400 - 18 * 45);
      for (let i = 0; i < count; i++) {
        const amount = 0.1 + 1.9 * random.uniform();
        added.push({ second, customer, terminal, amount, pattern: 'card_testing' });
        second += 3 + random.integer(42);
      }
      return count;
    },
    unusual_place(_day, random, added) {
      const customer = random.integer(city.customers);
      const choice = Array.from({ length: 8 }, () => random.integer(city.terminals));
      const terminal = choice.reduce((far, each) =>
        city.distance(customer, each) > city.distance(customer, far) ? each : far,
      );
      const amount = Math.min(highestNormal, 1.6 * drawAmount(city, customer, terminal, random));
      added.push({
        ...{ second: 3600 + random.integer(4 * 3600), customer, terminal, amount },
        pattern: 'unusual_place',
      });
      return 1;
    },
  };

  /** Opens campaigns for all that the budgets have. */
  const openCampaigns = (day: number, random: Random, added: Purchase[]): void => {
    for (const taken of [cards, terminals])
      for (const [key, { end }] of taken) if (end <= day) taken.delete(key);
    for (const pattern of fraudPatterns) {
      let left = (budget.get(pattern) ?? 0) + perDay * habits[pattern].share;
      // A choice may fail: the card is taken already. What is left over waits for the next day.
      for (let tries = 0; left > 0 && tries < 20; ) {
        const frauds = begin[pattern](day, random, added);
        left -= frauds;
        tries = frauds > 0 ? 0 : tries + 1;
      }
      budget.set(pattern, left);
    }
  };

  let next = -longest;
  return {
    strike(day, purchases) {
      if (perDay === 0) return;
      const added: Purchase[] = [];
      let random = createRandom(`transactions/${seed}/fraud/${next}`);
      for (; next <= day; next++) {
        random = createRandom(`transactions/${seed}/fraud/${next}`);
        added.length = 0;
        openCampaigns(next, random, added);
      }
      for (const purchase of purchases) takeOver(purchase, cards, terminals, random);
      for (const purchase of added) purchases.push(purchase);
    },
  };
}

/** Notes a campaign that meets `payments` payments on average; returns its frauds, 0 where it cannot be. */
function occupy(
  taken: Map<number, Campaign>,
  key: number,
  end: number,
  payments: number,
  size: number,
  { factor }: { readonly factor: number },
): number {
  if (taken.has(key) || payments <= 0) return 0;
  const hit = Math.min(highestHit, size / payments);
  taken.set(key, { end, hit, factor });
  return hit * payments;
}

function takeOver(
  purchase: Purchase,
  cards: ReadonlyMap<number, Campaign>,
  terminals: ReadonlyMap<number, Campaign>,
  random: Random,
): void {
  const card = cards.get(purchase.customer);
  const campaign = card ?? terminals.get(purchase.terminal);
  if (campaign === undefined || random.uniform() >= campaign.hit) return;
  purchase.amount *= campaign.factor;
  purchase.pattern = card === undefined ? 'terminal' : 'card';
}

/** Frauds per day for a share of all transactions, those included that fraud adds. */
function fraudsPerDay({ rate }: City, fraud: number): number {
  const added = habits.high_amount.share + habits.card_testing.share + habits.unusual_place.share;
  return (fraud * rate.reduce((sum, each) => sum + each, 0)) / (1 - added * fraud);
}

/** Payments per day at each terminal, on average, by those who live near. */
function trafficOf({ rate, usual, terminals, customers }: City): Float64Array {
  const traffic = new Float64Array(terminals);
  const each = usual.length / customers;
  for (const [place, terminal] of usual.entries()) {
    const nearness = place % each;
    const chance = Math.sqrt((nearness + 1) / each) - Math.sqrt(nearness / each);
    traffic[terminal] = (traffic[terminal] ?? 0) + chance * (rate[Math.floor(place / each)] ?? 0);
  }
  return traffic;
}
