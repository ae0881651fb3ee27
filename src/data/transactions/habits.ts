// What customers buy on a day, of their own will.
import type { Random } from '../../nn/random.ts';
import { type City, favourites } from './city.ts';
import type { Purchase } from './purchase.ts';

/** The most that anybody pays normally. */
export const highestNormal = 950;
/** Purchases on a day of the week, from Sunday, against an ordinary day; 1 on average. */
const weekday = [0.75, 0.95, 0.95, 0.95, 1, 1.15, 1.25] as const;
/** Share of purchases away from home, and at any hour. */
const [away, anyHour] = [0.015, 0.015];

/** Draws the purchases of all customers on a day; `dayOfWeek` is 0 on Sunday. In no order of time. */
export function spendDay(city: City, dayOfWeek: number, random: Random): Purchase[] {
  const purchases: Purchase[] = [];
  const busy = weekday[dayOfWeek] ?? 1;
  for (let customer = 0; customer < city.customers; customer++) {
    const count = drawPoisson(busy * (city.rate[customer] ?? 0), random);
    for (let i = 0; i < count; i++) {
      const travelling = random.uniform() < away;
      const terminal = travelling ? random.integer(city.terminals) : usualTerminal(city, customer, random);
      purchases.push({
        second: drawSecond(city, customer, random),
        customer,
        terminal,
        amount: drawAmount(city, customer, terminal, random),
      });
    }
  }
  return purchases;
}

/** One of the customer's own terminals, near ones more often. */
export function usualTerminal({ usual }: City, customer: number, random: Random): number {
  return usual[customer * favourites + Math.floor(favourites * random.uniform() ** 2)] ?? 0;
}

/** Log-normal around the customer's mean and the category's price. */
export function drawAmount(city: City, customer: number, terminal: number, random: Random): number {
  const spread = city.spread[customer] ?? 0;
  const mean = (city.meanAmount[customer] ?? 0) * city.priceOf(terminal);
  const amount = mean * Math.exp(spread * random.normal() - (spread * spread) / 2);
  return amount <= highestNormal ? Math.max(0.5, amount) : highestNormal * (0.6 + 0.4 * random.uniform());
}

/** A second of the day by the customer's habit: most around two hours of their own, few at any. */
export function drawSecond(city: City, customer: number, random: Random): number {
  if (random.uniform() < anyHour) return random.integer(86_400);
  for (;;) {
    const byDay = random.uniform() < (city.dayShare[customer] ?? 0);
    const hour = byDay ? (city.dayHour[customer] ?? 0) : (city.eveningHour[customer] ?? 0);
    const second = Math.floor(3600 * (hour + (byDay ? 1.8 : 1.5) * random.normal()));
    if (second >= 0 && second < 86_400) return second;
  }
}

/** Knuth, "The art of computer programming", volume 2, section 3.4.1: for small means. */
function drawPoisson(mean: number, random: Random): number {
  const floor = Math.exp(-mean);
  let count = 0;
  for (let product = random.uniform(); product > floor; product *= random.uniform()) count++;
  return count;
}
