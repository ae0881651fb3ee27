// The built-in dataset: handwritten-looking digits drawn from a seed, so that nothing has to be fetched.
// Same frame as MNIST: 28x28 grey, white ink on black, about 20x20 pixels around the centre of mass.

import { createRandom, permutation, type Random } from '../nn/random.ts';
import type { ImageDataset, ImageSet } from './dataset.ts';
import { type DigitShape, digitShapes } from './digit-shapes.ts';

const side = 28;
const box = 20;
const stepsPerSpan = 4;
// Pixels over which ink turns to paper.
const fade = 1.3;

export interface DigitsOptions {
  /** Names the dataset: equal seeds give equal bytes. 0 unless given. */
  readonly seed?: number | string;
  readonly trainCount?: number;
  readonly testCount?: number;
}

/**
 * Draws a dataset of ten digits, 28x28x1, classes in equal shares and random order. Every image has its own way
 * of writing, slant, rotation, proportions, pen width and pressure, wobble, shift and slight ink noise.
 * Train and test come from separate random streams; 10,000 and 2,000 images unless told.
 */
export function createDigits(options: DigitsOptions = {}): ImageDataset {
  const { seed = 0, trainCount = 10_000, testCount = 2_000 } = options;
  return {
    name: 'digits',
    classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    train: drawSet(trainCount, createRandom(`digits/${seed}/train`)),
    test: drawSet(testCount, createRandom(`digits/${seed}/test`)),
  };
}

function drawSet(count: number, random: Random): ImageSet {
  const pixels = new Uint8Array(count * side * side);
  const labels = Uint8Array.from(permutation(count, random), (place) => place % 10);
  const ink = new Float32Array(side * side);
  for (let i = 0; i < count; i++) {
    ink.fill(0);
    drawDigit(labels[i] ?? 0, random, ink);
    const start = i * side * side;
    // A pen's ink is uneven where there is ink; the paper around it stays exactly 0, as in MNIST.
    for (let p = 0; p < ink.length; p++) {
      const value = ink[p] ?? 0;
      if (value > 0) pixels[start + p] = Math.min(255, Math.max(0, 255 * value + 6 * random.normal()));
    }
  }
  return { shape: [side, side, 1], count, pixels, labels };
}

interface Curve {
  readonly xs: Float64Array;
  readonly ys: Float64Array;
}

function drawDigit(digit: number, random: Random, ink: Float32Array): void {
  const shape = pickShape(digitShapes[digit] ?? [], random);
  const curves = bend(shape, digit, random);
  frame(curves, random);
  const radius = 0.75 + 0.75 * random.uniform() + 0.35 * random.uniform() ** 3;
  const pressure = 0.2 * random.uniform();
  const phase = 2 * Math.PI * random.uniform();
  for (const { xs, ys } of curves) {
    for (let k = 1; k < xs.length; k++) {
      const pen = radius * (1 + pressure * Math.sin(phase + 0.35 * k));
      inkSegment(ink, xs[k - 1] ?? 0, ys[k - 1] ?? 0, xs[k] ?? 0, ys[k] ?? 0, pen);
    }
  }
}

function pickShape(shapes: readonly DigitShape[], random: Random): DigitShape {
  let rest = random.uniform() * shapes.reduce((sum, shape) => sum + shape.weight, 0);
  for (const shape of shapes) {
    rest -= shape.weight;
    if (rest < 0) return shape;
  }
  throw new RangeError('no shape for this digit');
}

/** Moves the shape's points, then bends, slants and turns the curves through them. */
function bend(shape: DigitShape, digit: number, random: Random): Curve[] {
  const wobble = 0.022 + 0.025 * random.uniform();
  const points = shape.points.map(([x, y]) => [
    x - 0.5 + wobble * random.normal(),
    y - 0.5 + wobble * random.normal(),
  ]);
  // A 1 has no width to stretch. Widths are against a height of 1.
  const width = digit === 1 ? 0.6 : 0.86 * Math.exp(0.18 * random.normal());
  const slant = (digit === 1 ? 0.18 : 0.1) + 0.2 * random.normal();
  const angle = 0.09 * random.normal();
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  // One slow wave per axis: the hand's habit, which moves neighbours together.
  const waves = [0, 1].map(() => ({
    size: 0.035 * random.normal(),
    along: 2 + 3 * random.uniform(),
    across: 2 + 3 * random.uniform(),
    phase: 2 * Math.PI * random.uniform(),
  }));
  return shape.strokes.map((stroke) => {
    const count = (stroke.length - 1) * stepsPerSpan + 1;
    const xs = new Float64Array(count);
    const ys = new Float64Array(count);
    const closed = stroke[0] === stroke[stroke.length - 1];
    const at = (i: number): readonly number[] => points[stroke[i] ?? 0] ?? [0, 0];
    const last = stroke.length - 1;
    for (let k = 0; k < count; k++) {
      const span = Math.min(last - 1, Math.floor(k / stepsPerSpan));
      const t = k / stepsPerSpan - span;
      const before = span > 0 ? at(span - 1) : closed ? at(last - 1) : at(0);
      const after = span + 2 <= last ? at(span + 2) : closed ? at(1) : at(last);
      const x = catmullRom(before[0] ?? 0, at(span)[0] ?? 0, at(span + 1)[0] ?? 0, after[0] ?? 0, t);
      const y = catmullRom(before[1] ?? 0, at(span)[1] ?? 0, at(span + 1)[1] ?? 0, after[1] ?? 0, t);
      const [dx = 0, dy = 0] = waves.map(
        (wave) => wave.size * Math.sin(wave.phase + wave.along * x + wave.across * y),
      );
      const wide = width * (x + dx) - slant * (y + dy);
      xs[k] = cos * wide - sin * (y + dy);
      ys[k] = sin * wide + cos * (y + dy);
    }
    return { xs, ys };
  });
}

/** Scales the curves into the box, centre of mass near the middle of the image, as MNIST was prepared. */
function frame(curves: readonly Curve[], random: Random): void {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  let [sumX, sumY, sum] = [0, 0, 0];
  for (const { xs, ys } of curves) {
    for (let k = 0; k < xs.length; k++) {
      const [x, y] = [xs[k] ?? 0, ys[k] ?? 0];
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
      if (k === 0) continue;
      const length = Math.hypot(x - (xs[k - 1] ?? 0), y - (ys[k - 1] ?? 0));
      sumX += length * x;
      sumY += length * y;
      sum += length;
    }
  }
  const span = box - 2 - 2.5 * random.uniform();
  const scale = span / Math.max(right - left, bottom - top, 1e-6);
  const margin = 2.5;
  const place = (mass: number, low: number, high: number): number => {
    const wanted = (side - 1) / 2 - scale * mass + 0.6 * random.normal();
    return Math.min(side - 1 - margin - scale * high, Math.max(margin - scale * low, wanted));
  };
  const shiftX = place(sumX / sum, left, right);
  const shiftY = place(sumY / sum, top, bottom);
  for (const { xs, ys } of curves) {
    for (let k = 0; k < xs.length; k++) {
      xs[k] = (xs[k] ?? 0) * scale + shiftX;
      ys[k] = (ys[k] ?? 0) * scale + shiftY;
    }
  }
}

/** Inks the pixels around one straight piece: full within `pen` of it, fading to nothing over `fade` pixels, half outside. */
function inkSegment(ink: Float32Array, x0: number, y0: number, x1: number, y1: number, pen: number): void {
  const reach = pen + fade / 2;
  const [dx, dy] = [x1 - x0, y1 - y0];
  const squared = Math.max(dx * dx + dy * dy, 1e-12);
  const firstX = Math.max(0, Math.ceil(Math.min(x0, x1) - reach));
  const lastX = Math.min(side - 1, Math.floor(Math.max(x0, x1) + reach));
  const firstY = Math.max(0, Math.ceil(Math.min(y0, y1) - reach));
  const lastY = Math.min(side - 1, Math.floor(Math.max(y0, y1) + reach));
  for (let y = firstY; y <= lastY; y++) {
    for (let x = firstX; x <= lastX; x++) {
      const t = Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / squared));
      const ex = x - x0 - t * dx;
      const ey = y - y0 - t * dy;
      const cover = Math.min(1, (reach - Math.sqrt(ex * ex + ey * ey)) / fade);
      const p = y * side + x;
      if (cover > (ink[p] ?? 0)) ink[p] = cover;
    }
  }
}

/** The cubic through `b` and `c` with slopes from their neighbours (Catmull and Rom, 1974), t in [0, 1]. */
function catmullRom(a: number, b: number, c: number, d: number, t: number): number {
  return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t ** 3);
}
