// Paired AUROCs against DeLong's definition, summed over all pairs of rows, and against chance.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareAuroc } from '../../src/evaluate/compare-auroc.ts';
import { detectionMetrics } from '../../src/evaluate/metrics.ts';
import { createRandom, fillNormal } from '../../src/nn/random.ts';

const near = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual}, expected ${expected}`);

/** Scores of which the first anomalies lie `shift` higher; rounded, so that there are ties. */
function someScores(count: number, anomalies: number, shift: number, key: string): number[] {
  const noise = fillNormal(new Float32Array(count), createRandom(key));
  return Array.from(noise, (value, i) => Math.round(4 * (value + (i < anomalies ? shift : 0))) / 4);
}

test('difference and standard error are DeLong’s, ties counting half', () => {
  const [count, anomalies] = [60, 17];
  const isAnomaly = Uint8Array.from({ length: count }, (_, i) => Number(i < anomalies));
  const both = [someScores(count, anomalies, 1.2, 'a'), someScores(count, anomalies, 0.6, 'b')];
  const [odd, fine] = [1, 0].map((kind) => [...isAnomaly.keys()].filter((i) => isAnomaly[i] === kind));
  const kernel = (x: number, y: number): number => (x > y ? 1 : x === y ? 0.5 : 0);
  const mean = (values: number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length;
  const components = both.map((scores) => ({
    v10: odd!.map((i) => mean(fine!.map((j) => kernel(scores[i]!, scores[j]!)))),
    v01: fine!.map((j) => mean(odd!.map((i) => kernel(scores[i]!, scores[j]!)))),
  }));
  const covariance = (a: number[], b: number[]): number =>
    a.reduce((sum, each, i) => sum + (each - mean(a)) * (b[i]! - mean(b)), 0) / (a.length - 1);
  const s = (r: number, t: number): number =>
    covariance(components[r]!.v10, components[t]!.v10) / odd!.length +
    covariance(components[r]!.v01, components[t]!.v01) / fine!.length;
  const { difference, standardError } = compareAuroc(both[0]!, both[1]!, isAnomaly);
  near(standardError, Math.sqrt(s(0, 0) + s(1, 1) - 2 * s(0, 1)));
  const [first, second] = both.map((scores) => detectionMetrics(scores, isAnomaly).auroc);
  near(difference, first! - second!);
});

test('equal scores do not differ; two of equal skill seldom do, by the normal law', () => {
  const [count, anomalies] = [200, 60];
  const isAnomaly = Uint8Array.from({ length: count }, (_, i) => Number(i < anomalies));
  const one = someScores(count, anomalies, 1, 'one');
  assert.deepEqual(compareAuroc(one, one, isAnomaly), { difference: 0, standardError: 0 });
  const rounds = 400;
  const beyond = Array.from({ length: rounds }, (_, i) => {
    const [a, b] = ['a', 'b'].map((key) => someScores(count, anomalies, 1, `${key}${i}`));
    const { difference, standardError } = compareAuroc(a!, b!, isAnomaly);
    return Number(Math.abs(difference) > 1.96 * standardError);
  }).reduce((sum: number, each) => sum + each, 0);
  // 5 % of 400 are 20; three standard deviations of the binomial are 13.
  assert.ok(Math.abs(beyond - 0.05 * rounds) <= 13, `${beyond} of ${rounds}`);
});
