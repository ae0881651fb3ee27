// The domain benches: their measures against scipy and by hand, their trials, and a whole run on a made-up part.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TableSet } from '../../src/data/table.ts';
import { train } from '../../src/detect/train.ts';
import { baselines } from '../../src/evaluate/baselines/index.ts';
import { denseViews } from '../../src/evaluate/domains/dense.ts';
import { detectionMeasures, halfTrial } from '../../src/evaluate/domains/detection-trial.ts';
import type { DomainPart } from '../../src/evaluate/domains/domain.ts';
import { cardPrecision } from '../../src/evaluate/domains/fraud-stream.ts';
import { alarmInterval } from '../../src/evaluate/domains/promise.ts';
import { type DomainRecord, runDomain } from '../../src/evaluate/domains/run.ts';
import { rankCorrelation } from '../../src/evaluate/rank-correlation.ts';
import { createRandom } from '../../src/nn/random.ts';

const session = { threads: 1 };

test("rank correlation is scipy's, ties and all", () => {
  // scipy 1.10.1: scipy.stats.spearmanr(a, b).correlation; float64 here and there, 1e-12.
  const near = (actual: number, wanted: number): void =>
    assert.ok(Math.abs(actual - wanted) < 1e-12, `${actual}, expected ${wanted}`);
  const a = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8];
  const b = [2, 7, 1, 8, 2, 8, 1, 8, 2, 8, 4, 5];
  near(rankCorrelation(a, b), 0.1415796863640157);
  near(rankCorrelation([1, 2, 2, 3], [1, 2, 3, 3]), 0.8333333333333335);
  near(
    rankCorrelation(
      a,
      a.map((x) => Math.exp(x)),
    ),
    1,
  );
  near(
    rankCorrelation(
      Float32Array.from(a),
      a.map((x) => -x),
    ),
    -1,
  );
  // Where scipy says NaN.
  assert.equal(rankCorrelation([1, 2, 3], [4, 4, 4]), 0);
  assert.throws(() => rankCorrelation([1, 2], [1]), RangeError);
});

describe('the interval of alarms that a promise allows', () => {
  test("is scipy's quantiles of the beta-binomial with k and m + 1 - k", () => {
    // scipy 1.10.1: scipy.stats.betabinom(n, k, m + 1 - k).ppf([0.005, 0.995]), k = floor(rate (m + 1)). The threshold
    // is the k-th largest of m calibration scores, so the share of fresh rows above it is Beta(k, m + 1 - k).
    for (const [n, m, rate, least, most] of [
      [200, 170, 0.05, 1, 23],
      [50, 99, 0.01, 0, 4],
      [1000, 850, 0.01, 1, 24],
      [30, 20, 0.05, 0, 9],
      [400, 1200, 0.1, 23, 59],
      [10, 9, 0.5, 0, 10],
      [5000, 4000, 0.01, 26, 80],
      [1000, 20, 0.05, 0, 235],
      [100, 12, 0.25, 2, 59],
      [2000, 40, 0.05, 4, 346],
    ] as const) {
      assert.deepEqual(alarmInterval(n, m, rate), { least, most }, `${n} fresh rows, ${m} of calibration`);
    }
  });

  test('covers 99 % of runs in which fresh and calibration rows are drawn from one law', () => {
    const [n, m, rate] = [80, 60, 0.1];
    const k = Math.floor(rate * (m + 1));
    const { least, most } = alarmInterval(n, m, rate);
    const random = createRandom('promise');
    const runs = 4000;
    let [below, above, alarms] = [0, 0, 0];
    for (let run = 0; run < runs; run++) {
      const calibration = Float64Array.from({ length: m }, random.uniform).sort();
      const threshold = calibration[m - k]!;
      const count = Array.from({ length: n }, random.uniform).filter((score) => score > threshold).length;
      if (count < least) below++;
      if (count > most) above++;
      alarms += count;
    }
    // At most 0.5 % on each side: 20 of 4000, and three deviations of 4.5.
    assert.ok(below <= 34 && above <= 34, `${below} below ${least}, ${above} above ${most}`);
    // The mean is n k / (m + 1) = 7.87; that of 4000 runs has a deviation of 0.06.
    assert.ok(Math.abs(alarms / runs - (n * k) / (m + 1)) < 0.25, `${alarms / runs}`);
  });
});

describe('card precision', () => {
  type Transaction = readonly [day: number, card: number, score: number, isFraud: number];
  const precisionOf = (rows: readonly Transaction[]): number => {
    const column = (i: 0 | 1 | 2 | 3) => Float32Array.from(rows, (row) => row[i]);
    return cardPrecision(column(2), Uint8Array.from(column(3)), column(0), column(1));
  };

  test('by hand: a hundred looks a day, cards found are not looked at again', () => {
    // Day 1: cards 0..101 with falling scores; of the frauds 0, 50 and 100, the last is no. 101 and missed: 2 / 100.
    const first = Array.from(
      { length: 102 },
      (_, card): Transaction => [1, card, -card, Number([0, 50, 100].includes(card))],
    );
    // Day 2: card 0 is known. Card 100 is found, and card 200, whose fraud is not its highest score: 2 / 100.
    const second: Transaction[] = [
      [2, 0, 99, 1],
      [2, 100, 5, 1],
      [2, 200, 9, 0],
      [2, 200, 0, 1],
      [2, 201, 7, 0],
    ];
    // Day 3: nothing but three new frauds: 3 / 100.
    const third: Transaction[] = [300, 301, 302].map((card) => [3, card, 0, 1]);
    assert.ok(Math.abs(precisionOf([...third, ...first, ...second]) - (0.02 + 0.02 + 0.03) / 3) < 1e-12);
  });

  test('a card that is looked at often takes one look', () => {
    // 150 transactions of one honest card above 99 cards with frauds: all of these are found.
    const loud = Array.from({ length: 150 }, (): Transaction => [1, 0, 10, 0]);
    const quiet = Array.from({ length: 120 }, (_, i): Transaction => [1, i + 1, -i, 1]);
    assert.ok(Math.abs(precisionOf([...loud, ...quiet]) - 0.99) < 1e-12);
  });

  test('no rows have a precision of 0', () => {
    assert.equal(precisionOf([]), 0);
  });
});

/** `id` tells rows apart; anomalies, the last rows, lie elsewhere. */
function madeUp(count: number, anomalies: number) {
  const random = createRandom('domains');
  const isAnomaly = Uint8Array.from({ length: count }, (_, row) => Number(row >= count - anomalies));
  const x = Float32Array.from({ length: count }, () => random.normal());
  const y = x.map((value, row) => (isAnomaly[row] ? -3 * value + 2 : value) + 0.2 * random.normal());
  const codes = Int32Array.from({ length: count }, (_, row) =>
    isAnomaly[row] && row % 2 ? 1 : random.integer(3),
  );
  const numbers = (name: string, values: Float32Array) => ({ kind: 'number', name, values }) as const;
  const table: TableSet = {
    count,
    columns: [
      numbers('x', x),
      numbers('y', y),
      { kind: 'category', name: 'sort', codes, dictionary: ['a', 'b', 'c'] },
    ],
  };
  const ids = Float32Array.from({ length: count }, (_, row) => row);
  return { table, isAnomaly, numbered: { count, columns: [numbers('id', ids)] } satisfies TableSet };
}

test('halves of the normals: disjoint, all rows used, equal for equal seeds', () => {
  const { numbered, isAnomaly } = madeUp(201, 40);
  const halves = (seed: number) => {
    const { training, test, isAnomaly: labels } = halfTrial(numbered, isAnomaly, seed);
    const idsOf = (rows: typeof training): number[] => {
      const column = 'columns' in rows ? rows.columns[0] : undefined;
      assert.ok(column?.kind === 'number');
      return [...column.values];
    };
    return { training: idsOf(training), test: idsOf(test), labels: [...labels] };
  };
  const first = halves(0);
  assert.deepEqual([first.training.length, first.test.length], [80, 121]);
  assert.ok(first.training.every((id) => isAnomaly[id] === 0));
  assert.deepEqual(
    first.labels,
    first.test.map((id) => isAnomaly[id]),
  );
  assert.deepEqual(
    [...first.training, ...first.test].sort((a, b) => a - b),
    [...Array(201).keys()],
  );
  assert.deepEqual(halves(0), first);
  assert.notDeepEqual(halves(1).training, first.training);
});

test('dense views of images: pixels from 0 to 1, and each image by its own contrast', async () => {
  const images = { shape: [1, 2, 1] as const, count: 2, pixels: Uint8Array.from([0, 255, 102, 102]) };
  const [pixels, contrast, ...rest] = await denseViews(images, images, { session });
  assert.equal(rest.length, 0);
  assert.deepEqual([...pixels!.training.values], [0, 1, 0.4, 0.4].map(Math.fround));
  // Mean and deviation 0.5, and 0.001 more: 0.5 / 0.501.
  const wanted = [-0.5 / 0.501, 0.5 / 0.501, 0, 0];
  assert.ok(
    contrast!.test.values.every((value, i) => Math.abs(value - wanted[i]!) < 1e-6),
    `${contrast!.test.values}`,
  );
});

test('a run has our detector, each of its scores and all baselines in both scalings, seed by seed', async () => {
  const { table, isAnomaly } = madeUp(200, 40);
  const part: DomainPart = {
    name: 'made up',
    protocol: 'half of the normals',
    measures: detectionMeasures,
    choices: { options: { latentDim: 2 }, members: 1, epochs: 50 },
    published: [{ method: 'theirs', measures: { AUROC: 0.5 } }],
    trial: async (seed) => halfTrial(table, isAnomaly, seed),
  };
  const seeds = 2;
  const choices = { epochs: 2, members: 1 };
  const run = runDomain('a bench', [part], { seeds, choices, session });
  const records: DomainRecord[] = [];
  let next = await run.next();
  for (; !next.done; next = await run.next()) records.push(next.value);
  const { title, parts } = next.value;
  const [result] = parts;
  assert.ok(result !== undefined && parts.length === 1);
  const { name, protocol, measures, published } = part;
  assert.deepEqual([title, next.value.seeds], ['a bench', seeds]);
  assert.deepEqual({ ...result, methods: [] }, { name, protocol, measures, published, methods: [] });

  // What a detector trained by hand with the same choices scores: choices of the run go before those of the part.
  const scored = await Promise.all(
    [0, 1].map(async (seed) => {
      const trial = await part.trial(seed);
      const detector = await train(trial.training, { ...part.choices, ...choices, seed, session });
      const { score, terms } = await detector.score(trial.test);
      await detector.close();
      return { own: trial.measure(score), names: Object.keys(terms) };
    }),
  );
  const byKind = (kind: string) => result.methods.filter((method) => method.kind === kind);
  const methodsOf = (kind: string): string[] => byKind(kind).map(({ method }) => method);
  assert.deepEqual(methodsOf('detector'), ['Oddity']);
  assert.deepEqual(
    byKind('detector')[0]!.runs,
    scored.map(({ own }) => own),
  );
  assert.deepEqual(methodsOf('score'), scored[0]!.names);
  assert.ok(scored[0]!.names.includes('valueMixture') && scored[0]!.names.includes('invariantDistance'));
  const titles = Object.values(baselines).map((baseline) => baseline.title);
  assert.deepEqual(
    methodsOf('baseline'),
    ['standard', 'quantile'].flatMap((scaling) => titles.map((each) => `${each}, ${scaling}`)),
  );
  for (const { method, runs, seconds } of result.methods) {
    assert.equal(runs.length, seeds, method);
    assert.ok(Number.isFinite(seconds) && seconds >= 0);
    for (const measured of runs) {
      assert.deepEqual(
        Object.keys(measured),
        measures.map((measure) => measure.name),
      );
      assert.ok(
        Object.values(measured).every((value) => value >= 0 && value <= 1),
        `${method}: ${JSON.stringify(measured)}`,
      );
    }
  }

  assert.ok(records.every(({ part: at }) => at === name));
  assert.deepEqual([...new Set(records.map(({ seed }) => seed))], [0, 1]);
  assert.deepEqual([...new Set(records.map(({ doing }) => doing))], ['training', 'classical baselines']);
  const progress = records.map((record) => record.progress);
  assert.ok(progress.every((share, i) => share <= 1 && share >= (progress[i - 1] ?? 0)));
});
