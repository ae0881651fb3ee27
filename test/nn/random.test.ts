// The only source of chance: known values, moments, independence of streams.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, fillNormal, permutation } from '../../src/nn/random.ts';

const draw = (count: number, next: () => number): number[] => Array.from({ length: count }, next);
const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
const moment = (values: readonly number[], power: number): number =>
  mean(values.map((value) => (value - mean(values)) ** power));
function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const product = mean(a.map((value, i) => (value - meanA) * (b[i]! - meanB)));
  return product / Math.sqrt(moment(a, 2) * moment(b, 2));
}
/** Beyond five standard errors a seeded test would be a lie, not bad luck. */
const within = (actual: number, expected: number, standardError: number): void =>
  assert.ok(
    Math.abs(actual - expected) < 5 * standardError,
    `${actual}, expected ${expected} +- ${standardError}`,
  );

test('known first values: a change here changes every seeded result', () => {
  const first = [0.9299450961407274, 0.25451389071531594, 0.047532560769468546, 0.27883319836109877];
  assert.deepEqual(draw(4, createRandom('oddity').uniform), first);
  // The logarithm may differ in its last bit from one JavaScript engine to another.
  const normals = [0.17249983577008451, -0.09849237476029835, 0.4610061870643997, -0.1110626743198566];
  const drawn = draw(4, createRandom('oddity').normal);
  assert.ok(drawn.every((value, i) => Math.abs(value - normals[i]!) < 1e-14));
  const random = createRandom(0);
  assert.equal(draw(8, () => random.integer(10)).join(), '5,7,8,3,4,7,8,4');
});

test('equal keys give equal streams, a number is its text, other keys give others', () => {
  const first = (key: string | number): number[] => draw(5, createRandom(key).uniform);
  assert.deepEqual(first('a/1'), first('a/1'));
  assert.deepEqual(first(7), first('7'));
  assert.notDeepEqual(first('a/1'), first('a/2'));
  assert.notDeepEqual(first('a/1'), first('1/a'));
});

const count = 50_000;

test('uniform numbers: range, moments, no link from one to the next', () => {
  const values = draw(count, createRandom('uniform').uniform);
  assert.ok(values.every((value) => value >= 0 && value < 1));
  within(mean(values), 1 / 2, Math.sqrt(1 / 12 / count));
  within(moment(values, 2), 1 / 12, Math.sqrt((1 / 80 - 1 / 144) / count));
  within(correlation(values.slice(1), values.slice(0, -1)), 0, 1 / Math.sqrt(count));
});

test('normal numbers: four moments, tails, no link within a pair', () => {
  const values = draw(count, createRandom('normal').normal);
  within(mean(values), 0, 1 / Math.sqrt(count));
  within(moment(values, 2), 1, Math.sqrt(2 / count));
  within(moment(values, 3), 0, Math.sqrt(15 / count));
  within(moment(values, 4), 3, Math.sqrt(96 / count));
  const beyond = values.filter((value) => Math.abs(value) > 1.959964).length / count;
  within(beyond, 0.05, Math.sqrt((0.05 * 0.95) / count));
  within(correlation(values.slice(1), values.slice(0, -1)), 0, 1 / Math.sqrt(count));
});

test('integers: every value below the bound equally often', () => {
  const random = createRandom('integers');
  const counts = Array<number>(7).fill(0);
  for (let i = 0; i < count; i++) counts[random.integer(7)]!++;
  const expected = count / 7;
  const chiSquare = counts.reduce((sum, each) => sum + (each - expected) ** 2 / expected, 0);
  assert.ok(chiSquare < 22.5, `chi-square of 6 degrees of freedom, 0.999 quantile: ${chiSquare}`);
});

test('streams of neighbouring keys are independent', () => {
  const key = (step: number): string => `3/noise/vae/${step}`;
  const streams = [1, 2, 10, 11].map((step) => draw(20_000, createRandom(key(step)).normal));
  for (const [i, a] of streams.entries()) {
    for (const b of streams.slice(i + 1)) within(correlation(a, b), 0, 1 / Math.sqrt(a.length));
  }
  // Across keys, too: the first draw of each step must look random from step to step.
  const firsts = Array.from({ length: 20_000 }, (_, step) => createRandom(key(step)).uniform());
  within(mean(firsts), 1 / 2, Math.sqrt(1 / 12 / firsts.length));
  within(moment(firsts, 2), 1 / 12, Math.sqrt((1 / 80 - 1 / 144) / firsts.length));
  within(correlation(firsts.slice(1), firsts.slice(0, -1)), 0, 1 / Math.sqrt(firsts.length));
  assert.ok(new Set(firsts).size > firsts.length - 5, 'about 0.05 collisions are expected in 32 bits');
});

test('a permutation has every number once, and all orders are equally likely', () => {
  const order = permutation(1000, createRandom('order'));
  assert.deepEqual(
    [...order].sort((a, b) => a - b),
    [...Array(1000).keys()],
  );
  assert.deepEqual([...permutation(0, createRandom(0))], []);
  assert.deepEqual([...permutation(1, createRandom(0))], [0]);
  const random = createRandom('orders');
  const counts = new Map<string, number>();
  for (let i = 0; i < 12_000; i++) {
    const key = permutation(3, random).join();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  for (const each of counts.values()) within(each, 2000, Math.sqrt(2000 * (5 / 6)));
});

test('fillNormal goes on where its stream stands', () => {
  const whole = fillNormal(new Float32Array(7), createRandom('fill'));
  const random = createRandom('fill');
  const pieces = [fillNormal(new Float32Array(3), random), fillNormal(new Float32Array(4), random)];
  assert.deepEqual(
    pieces.flatMap((piece) => [...piece]),
    [...whole],
  );
});
