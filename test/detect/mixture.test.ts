// Mixtures of Gaussians: the closed form of one component, several kinds of normal, and poor data.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fitMixture, type Mixture, mixtureSurprise } from '../../src/detect/mixture.ts';
import { input } from '../../src/graph/operations.ts';
import { createRandom } from '../../src/nn/random.ts';
import { evaluateGraph } from '../evaluate-graph.ts';

const session = { threads: 1 };

async function surpriseOf(mixture: Mixture, points: ArrayLike<number>): Promise<number[]> {
  const count = points.length / mixture.dimension;
  const { surprise } = await evaluateGraph(
    { surprise: mixtureSurprise(input('x', ['rows', mixture.dimension]), mixture) },
    { x: { values: points, shape: [count, mixture.dimension] } },
    count,
  );
  return [...surprise];
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, each) => sum + each, 0) / values.length;

/** As many points around each centre, in turn. */
function cloudsAround(centres: readonly (readonly number[])[], each: number, key: string, spread = 1) {
  const random = createRandom(key);
  return Float32Array.from(
    Array.from({ length: each }, () =>
      centres.flatMap((centre) => centre.map((value) => value + spread * random.normal())),
    ).flat(),
  );
}

/** Solves a x = b by Gaussian elimination in float64; fine for covariances. */
function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = a.map((row, i) => [...row, b[i]!]);
  const n = b.length;
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      if (k === i) continue;
      const factor = rows[k]![i]! / rows[i]![i]!;
      for (let j = i; j <= n; j++) rows[k]![j]! -= factor * rows[i]![j]!;
    }
  }
  return rows.map((row, i) => row[n]! / row[i]!);
}

test('one component is the Gaussian whose covariance is shrunk, up to a constant', async () => {
  const dimension = 3;
  const count = 60;
  const random = createRandom('one');
  const points = Float32Array.from(
    Array.from({ length: count }, () => {
      const [a, b, c] = [random.normal(), random.normal(), random.normal()];
      return [a + 2, 0.8 * a + 0.3 * b - 1, 3 * c - a];
    }).flat(),
  );
  const mixture = await fitMixture(points, dimension, { components: 1, seed: 0, session });

  // Posterior mean: (n S + (d + 2) (S + r 1)) / (n + d + 2) + r 1, with r = 1e-3 and S the covariance over n.
  const at = (row: number, i: number): number => points[row * dimension + i]!;
  const axes = [...Array(dimension).keys()];
  const rows = [...Array(count).keys()];
  const mean = axes.map((i) => meanOf(rows.map((row) => at(row, i))));
  const [ridge, strength] = [1e-3, dimension + 2];
  const covariance = axes.map((i) =>
    axes.map((j) => {
      const each = meanOf(rows.map((row) => (at(row, i) - mean[i]!) * (at(row, j) - mean[j]!)));
      const own = i === j ? ridge : 0;
      return (count * each + strength * (each + own)) / (count + strength) + own;
    }),
  );
  const direct = (x: readonly number[]): number => {
    const away = x.map((value, i) => value - mean[i]!);
    return 0.5 * solve(covariance, away).reduce((sum, value, i) => sum + value * away[i]!, 0);
  };

  const asked = [[2, -1, 0], mean, [4, 2, -3], [-2, 0, 10], [2, 3, 0]];
  const surprise = await surpriseOf(mixture, asked.flat());
  for (const [i, x] of asked.entries()) {
    // Sums of products and the graph are float32: 1e-4 of a difference, 1e-4 near zero.
    const [ours, wanted] = [surprise[i]! - surprise[1]!, direct(x) - direct(mean)];
    assert.ok(Math.abs(ours - wanted) <= 1e-4 * wanted + 1e-4, `${x}: ${ours}, expected ${wanted}`);
  }
});

describe('several kinds of normal', () => {
  const centres = [
    [-6, 0],
    [6, 0],
  ];

  test('two clouds: little surprise at both centres, much between', async () => {
    const points = cloudsAround(centres, 200, 'two');
    const mixture = await fitMixture(points, 2, { components: 2, seed: 0, session });
    const [left, right, between] = await surpriseOf(mixture, [...centres.flat(), 0, 0]);
    // Six deviations from either: 36 / 2 nats for covariances of 1, fewer for those drawn towards the common one.
    assert.ok(Math.abs(left! - right!) < 0.5, `${left}, ${right}`);
    assert.ok(between! - Math.max(left!, right!) > 10, `${between} against ${left} and ${right}`);
    // One Gaussian for both sees it the other way round.
    const single = await fitMixture(points, 2, { components: 1, seed: 0, session });
    const [far, , middle] = await surpriseOf(single, [...centres.flat(), 0, 0]);
    assert.ok(middle! < far!, `${middle} against ${far}`);
  });

  test('components as many as the clouds explain the rows better than one', async () => {
    const four = [
      [-5, -5],
      [-5, 5],
      [5, -5],
      [5, 5],
    ];
    const points = cloudsAround(four, 100, 'four', 0.7);
    const surpriseWith = async (components: number): Promise<number> =>
      meanOf(await surpriseOf(await fitMixture(points, 2, { components, seed: 1, session }), points));
    const [one, all] = [await surpriseWith(1), await surpriseWith(4)];
    // Entropies: log of a deviation of 5 each axis, against log 4 + log of 0.7: about 2.5 nats apart.
    assert.ok(all < one - 1.5, `${all} against ${one}`);
  });

  test('a narrow kind inside a wide one: as likely as under the law that the rows were drawn from', async () => {
    const random = createRandom('nested');
    const law = [
      { x: 0, deviation: 4 },
      { x: 3, deviation: 0.3 },
    ] as const;
    const drawn = Array.from({ length: 1000 }, (_, i) => {
      const { x, deviation } = law[i % 2 ? 1 : 0];
      return [x + deviation * random.normal(), deviation * random.normal()];
    });
    const mixture = await fitMixture(Float32Array.from(drawn.flat()), 2, { components: 2, seed: 0, session });
    const fitted = meanOf(await surpriseOf(mixture, drawn.flat()));
    // Less log(2 pi), the constant of two dimensions.
    const densityOf = ([a = 0, b = 0]: number[]): number =>
      law.reduce((sum, { x, deviation: d }) => {
        return sum + (0.5 / d ** 2) * Math.exp(-((a - x) ** 2 + b ** 2) / (2 * d ** 2));
      }, 0);
    const wanted = meanOf(drawn.map((point) => -Math.log(densityOf(point))));
    // Nearest centres alone, without the rounds that follow, are a nat worse.
    assert.ok(Math.abs(fitted - wanted) < 0.05, `${fitted}, expected ${wanted}`);
  });

  test('a kind that is rarer surprises more by the logarithm of its share', async () => {
    const random = createRandom('rare');
    const points = Float32Array.from(
      Array.from({ length: 1000 }, (_, i) => [
        (i % 10 === 0 ? 20 : -20) + random.normal(),
        random.normal(),
      ]).flat(),
    );
    const mixture = await fitMixture(points, 2, { components: 2, seed: 0, session });
    const weights = [...mixture.centers]
      .filter((_, i) => i % 2 === 0)
      .map((x, k) => ({ x, offset: mixture.offsets[k]! }));
    assert.deepEqual(
      weights.map(({ x }) => Math.round(x / 20)).sort((a, b) => a - b),
      [-1, 1],
    );
    const [common, rare] = await surpriseOf(mixture, [-20, 0, 20, 0]);
    assert.ok(rare! - common! > 1, `${rare} against ${common}: log 9 and a wider covariance are expected`);
  });
});

describe('poor data', () => {
  const finite = (values: readonly number[]): boolean => values.every(Number.isFinite);

  test('fifteen points and sixteen components: one for every ten points, so one', async () => {
    const points = cloudsAround([[0, 0, 0]], 15, 'few');
    const mixture = await fitMixture(points, 3, { components: 16, seed: 0, session });
    assert.equal(mixture.components, 1);
    const surprise = await surpriseOf(mixture, [...points, 1e4, -1e4, 1e4]);
    assert.ok(finite(surprise), `${surprise}`);
    assert.ok(surprise[15]! > Math.max(...surprise.slice(0, 15)));
  });

  test('constant columns, and all points the same', async () => {
    const random = createRandom('constant');
    const some = Float32Array.from(
      Array.from({ length: 60 }, () => [random.normal(), 3, random.normal(), 0]).flat(),
    );
    for (const points of [some, new Float32Array(240).fill(0.25)]) {
      for (const components of [1, 4, 16]) {
        const mixture = await fitMixture(points, 4, { components, seed: 0, session });
        const surprise = await surpriseOf(mixture, [...points, 50, 50, 50, 50]);
        assert.ok(finite(surprise), `${components}: ${surprise}`);
        assert.ok(surprise[60]! > Math.max(...surprise.slice(0, 60)), `${components}`);
      }
    }
  });

  test('two points, each many times over, for more components than points', async () => {
    const points = Float32Array.from(Array.from({ length: 160 }, (_, i) => [i % 2, 0]).flat());
    const mixture = await fitMixture(points, 2, { components: 8, seed: 0, session });
    const [a, b, between] = await surpriseOf(mixture, [0, 0, 1, 0, 0.5, 0]);
    assert.ok(finite([a!, b!, between!]) && between! > Math.max(a!, b!), `${a}, ${b}, ${between}`);
  });
});

test('the same seed fits the same mixture', async () => {
  const points = cloudsAround(
    [
      [0, 0],
      [3, 1],
      [-2, 4],
    ],
    50,
    'again',
  );
  const fitted = (seed: number | string) => fitMixture(points, 2, { components: 8, seed, session });
  const [first, second, other] = [await fitted('x'), await fitted('x'), await fitted('y')];
  assert.deepEqual(second, first);
  assert.notDeepEqual(other.centers, first.centers);
});
