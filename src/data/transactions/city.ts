// Who pays and where: customers with a home and habits, terminals with an owner, gathered in towns.
import { createRandom, type Random } from '../../nn/random.ts';

export interface Category {
  readonly name: string;
  /** Share of the terminals. */
  readonly weight: number;
  /** Typical amount against the customer's own mean. */
  readonly price: number;
}

export const categories: readonly Category[] = [
  { name: 'groceries', weight: 0.3, price: 0.9 },
  { name: 'restaurant', weight: 0.2, price: 0.7 },
  { name: 'fuel', weight: 0.12, price: 1.1 },
  { name: 'pharmacy', weight: 0.1, price: 0.5 },
  { name: 'clothing', weight: 0.12, price: 1.5 },
  { name: 'entertainment', weight: 0.08, price: 0.6 },
  { name: 'electronics', weight: 0.05, price: 2.6 },
  { name: 'travel', weight: 0.03, price: 3.5 },
];

/** A customer's usual terminals, the nearest first; one that is there twice is visited twice as often. */
export const favourites = 12;
/** Places looked at to find them. */
const looks = 48;
/** Side of the square country and spread of a town, in km. */
const [country, townSpread] = [300, 4];

export interface City {
  readonly customers: number;
  readonly terminals: number;
  /** Mean amount of each customer. */
  readonly meanAmount: Float64Array;
  /** Spread of the logarithm of their amounts. */
  readonly spread: Float64Array;
  /** Purchases per ordinary day. */
  readonly rate: Float64Array;
  /** Hour around which they shop by day, and in the evening. */
  readonly dayHour: Float64Array;
  readonly eveningHour: Float64Array;
  /** Share of purchases by day. */
  readonly dayShare: Float64Array;
  /** Terminals [customers, favourites]. */
  readonly usual: Uint32Array;
  categoryOf(terminal: number): string;
  priceOf(terminal: number): number;
  /** From a customer's home to a terminal, in km. */
  distance(customer: number, terminal: number): number;
}

interface Places {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly town: Uint32Array;
}

/** Builds the country of a seed. Memory: about 150 bytes a customer. */
export function createCity({
  seed,
  customers,
  terminals,
}: {
  readonly seed: number | string;
  readonly customers: number;
  readonly terminals: number;
}): City {
  const random = createRandom(`transactions/${seed}/city`);
  const count = Math.min(terminals, Math.max(2, Math.min(30, Math.round(Math.sqrt(terminals) / 4))));
  const towns = Array.from({ length: count }, () => ({
    x: country * random.uniform(),
    y: country * random.uniform(),
    size: 0.3 + random.uniform(),
  }));
  const settle = (places: number): Places => {
    const [x, y] = [new Float64Array(places), new Float64Array(places)];
    const town = new Uint32Array(places);
    for (let i = 0; i < places; i++) {
      // Each town has a terminal, the others go by size.
      const home = i < count ? i : pickByWeight(towns, ({ size }) => size, random);
      town[i] = home;
      x[i] = (towns[home]?.x ?? 0) + townSpread * random.normal();
      y[i] = (towns[home]?.y ?? 0) + townSpread * random.normal();
    }
    return { x, y, town };
  };
  const shops = settle(terminals);
  const category = Uint8Array.from({ length: terminals }, () =>
    pickByWeight(categories, ({ weight }) => weight, random),
  );
  const homes = settle(customers);
  const draw = (value: () => number): Float64Array => Float64Array.from({ length: customers }, value);
  const distance = (customer: number, terminal: number): number => {
    const dx = (homes.x[customer] ?? 0) - (shops.x[terminal] ?? 0);
    const dy = (homes.y[customer] ?? 0) - (shops.y[terminal] ?? 0);
    return Math.sqrt(dx * dx + dy * dy);
  };
  return {
    customers,
    terminals,
    meanAmount: draw(() => Math.min(150, 38 * Math.exp(0.55 * random.normal()))),
    spread: draw(() => 0.35 + 0.25 * random.uniform()),
    rate: draw(() => 0.3 + 3.4 * random.uniform()),
    dayHour: draw(() => 12 + 1.4 * random.normal()),
    eveningHour: draw(() => 18.2 + 1.1 * random.normal()),
    dayShare: draw(() => 0.25 + 0.5 * random.uniform()),
    usual: findUsual(homes, shops, distance, random),
    categoryOf: (terminal) => categories[category[terminal] ?? 0]?.name ?? '',
    priceOf: (terminal) => categories[category[terminal] ?? 0]?.price ?? 1,
    distance,
  };
}

/** The nearest of some terminals in each customer's town, the nearest first. */
function findUsual(
  homes: Places,
  shops: Places,
  distance: (customer: number, terminal: number) => number,
  random: Random,
): Uint32Array {
  const byTown: number[][] = [];
  for (const [terminal, town] of shops.town.entries()) {
    byTown[town] ??= [];
    byTown[town].push(terminal);
  }
  const usual = new Uint32Array(homes.town.length * favourites);
  for (const [customer, town] of homes.town.entries()) {
    const choice = byTown[town] ?? [0];
    const seen = Array.from({ length: looks }, () => {
      const terminal = choice[random.integer(choice.length)] ?? 0;
      return { terminal, far: distance(customer, terminal) };
    });
    seen.sort((a, b) => a.far - b.far || a.terminal - b.terminal);
    for (let i = 0; i < favourites; i++) usual[customer * favourites + i] = seen[i]?.terminal ?? 0;
  }
  return usual;
}

/** The place of one of `items`, each as likely as its weight. */
export function pickByWeight<Item>(
  items: readonly Item[],
  weightOf: (item: Item) => number,
  random: Random,
): number {
  let rest = random.uniform() * items.reduce((sum, item) => sum + weightOf(item), 0);
  for (const [place, item] of items.entries()) {
    rest -= weightOf(item);
    if (rest < 0) return place;
  }
  return items.length - 1;
}
