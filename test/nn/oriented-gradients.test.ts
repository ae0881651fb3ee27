// Oriented gradients against a plain loop over pixels.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { input } from '../../src/graph/operations.ts';
import {
  orientedGradients,
  orientedGradientsLength,
  spreadOverPixels,
} from '../../src/nn/oriented-gradients.ts';
import { createRandom } from '../../src/nn/random.ts';
import { evaluateGraph } from '../evaluate-graph.ts';
import { largestDifference } from './reference.ts';

type Picture = number[][];

/** Weights at distances -reach..reach that sum to 1. */
function bell(width: number): Map<number, number> {
  const reach = Math.floor(3 * width + 0.5);
  const raw = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-0.5 * ((i - reach) / width) ** 2));
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  return new Map(raw.map((weight, i) => [i - reach, weight / total]));
}

/** A pixel blurred in both directions at once; beyond the border lies black. */
function blurred(picture: Picture, row: number, column: number, weights: Map<number, number>): number {
  let sum = 0;
  for (const [down, vertical] of weights) {
    for (const [right, horizontal] of weights) {
      sum += vertical * horizontal * (picture[row + down]?.[column + right] ?? 0);
    }
  }
  return sum;
}

function describeByLoops(picture: Picture): number[] {
  const [height, width] = [picture.length, picture[0]!.length];
  const soft = picture.map((line, row) => line.map((_, column) => blurred(picture, row, column, bell(0.8))));
  const clamp = (i: number, length: number): number => Math.min(length - 1, Math.max(0, i));
  const description: number[] = [];
  for (let direction = 0; direction < 8; direction++) {
    const angle = (direction * Math.PI) / 4;
    const edges = soft.map((line, row) =>
      line.map((_, column) => {
        const across = line[clamp(column + 1, width)]! - line[clamp(column - 1, width)]!;
        const down = soft[clamp(row + 1, height)]![column]! - soft[clamp(row - 1, height)]![column]!;
        const strength = Math.hypot(across, down);
        if (strength === 0) return 0;
        const cosine = Math.cos(Math.atan2(down, across) - angle);
        return strength * Math.max(0, cosine) ** 4;
      }),
    );
    for (let top = 0; top < height; top += 4) {
      for (let left = 0; left < width; left += 4) {
        const centre = [Math.min(height - 1, top + 2), Math.min(width - 1, left + 2)] as const;
        description.push(Math.sqrt(blurred(edges, ...centre, bell(2))));
      }
    }
  }
  return description;
}

test('they are what a loop over pixels gives, for sides that are no multiple of the cell', async () => {
  const [batch, height, width, channels] = [3, 10, 7, 2];
  const random = createRandom('pictures');
  const values = Array.from({ length: batch * height * width * channels }, () =>
    random.uniform() < 0.4 ? 0 : random.uniform(),
  );
  const description = orientedGradients(input('x', ['batch', height, width, channels]));
  const length = orientedGradientsLength([height, width, channels]);
  assert.equal(length, 8 * 3 * 2);
  assert.deepEqual(description.shape, ['batch', length]);
  const result = await evaluateGraph(
    { description },
    { x: { values, shape: [batch, height, width, channels] } },
    batch,
  );
  const expected = Array.from({ length: batch }, (_, image) => {
    const pixel = (row: number, column: number): number => {
      const start = ((image * height + row) * width + column) * channels;
      return (values[start]! + values[start + 1]!) / 2;
    };
    return describeByLoops(
      Array.from({ length: height }, (_, row) =>
        Array.from({ length: width }, (_, column) => pixel(row, column)),
      ),
    );
  }).flat();
  assert.ok(Math.max(...expected) > 0.1);
  assert.ok(largestDifference(result.description, expected) < 1e-5);
});

test('a blank image has no edges', async () => {
  const description = orientedGradients(input('x', ['batch', 8, 8, 1]));
  const result = await evaluateGraph(
    { description },
    { x: { values: new Float32Array(64), shape: [1, 8, 8, 1] } },
  );
  assert.deepEqual(result.description, new Float32Array(32));
});

test('a weight on one cell goes back to the pixels of that cell', async () => {
  const weights = new Float32Array(392);
  weights[3 * 49 + 2 * 7 + 5] = 1; // direction 3, third row of cells, sixth column
  const x = input('x', ['batch', 392]);
  const { pixels } = await evaluateGraph(
    { pixels: spreadOverPixels(x, [28, 28]) },
    { x: { values: weights, shape: [1, 392] } },
  );
  const peak = pixels.indexOf(Math.max(...pixels));
  assert.deepEqual([Math.floor(peak / 28 / 4), Math.floor((peak % 28) / 4)], [2, 5]);
  assert.equal(pixels[0], 0);
});
