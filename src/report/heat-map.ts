// Numbers per pixel as colours: one shared scale for a set of maps, the maps themselves, and the scale's legend.

import type { ImageSet, ImageShape } from '../data/dataset.ts';
import { OddityError } from '../errors.ts';
import { type Colour, diverging, inferno, toHex } from './colours.ts';
import { type Block, drawText, ink } from './figure.ts';
import { measureText, shortenText } from './font.ts';
import { formatNumber } from './format.ts';

/** How a number becomes a colour: `low`..`high` over inferno, or -`high`..`high` over blue to vermillion. */
export interface HeatScale {
  readonly low: number;
  readonly high: number;
  readonly colour: (value: number) => Colour;
  /** True where numbers lie beyond `high`; they take its colour. */
  readonly clipped: boolean;
}

/**
 * Sums contributions over channels: one number per pixel.
 * @throws OddityError BAD_DATA for a wrong length or a number that is not finite.
 */
export function sumChannels(values: Float32Array, shape: ImageShape, count: number): Float32Array {
  const [height, width, channels] = shape;
  const expected = count * height * width * channels;
  if (values.length !== expected) {
    throw new OddityError(
      'BAD_DATA',
      `expected ${expected} contributions (${count} x ${shape.join('x')}), got ${values.length}`,
    );
  }
  const sums = new Float32Array(count * height * width);
  for (let index = 0; index < values.length; index++) {
    const pixel = Math.floor(index / channels);
    sums[pixel] = (sums[pixel] as number) + (values[index] as number);
  }
  if (!sums.every(Number.isFinite)) {
    throw new OddityError('BAD_DATA', 'expected finite contributions, got NaN or infinity among them');
  }
  return sums;
}

/**
 * Chooses the scale that all maps share: from 0 to the 99.95 % quantile, so that no lone pixel darkens the rest;
 * with signs where the negative side reaches more than a twentieth of the positive one.
 */
export function chooseScale(values: Float32Array): HeatScale {
  const sorted = values.slice().sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  const signed = -at(0.0005) > 0.05 * Math.max(at(0.9995), 0);
  const largest = Math.max(at(1), signed ? -at(0) : 0);
  const bulk = Math.max(at(0.9995), signed ? -at(0.0005) : 0);
  const high = bulk > 0 ? bulk : largest > 0 ? largest : 1;
  const colour = (value: number) => (signed ? diverging(value / high) : inferno(value / high));
  return { low: signed ? -high : 0, high, colour, clipped: largest > high * 1.01 };
}

/** Colours one number per pixel into RGB images of the same height and width. */
export function colourMaps(
  values: Float32Array,
  shape: ImageShape,
  count: number,
  scale: HeatScale,
): ImageSet {
  const pixels = new Uint8Array(values.length * 3);
  for (const [index, value] of values.entries()) pixels.set(scale.colour(value), index * 3);
  return { shape: [shape[0], shape[1], 3], count, pixels };
}

/** Draws the scale as a bar with its two ends and what it measures, at most `most` SVG pixels wide. */
export function drawScale(scale: HeatScale, label: string, most: number): Block {
  const bar = 160;
  const size = 11;
  const steps = Array.from({ length: 33 }, (_, step) => {
    const value = scale.low + ((scale.high - scale.low) * step) / 32;
    return `<stop offset="${step / 32}" stop-color="${toHex(scale.colour(value))}"/>`;
  });
  const low = formatNumber(scale.low);
  const high = `${scale.clipped ? '≥ ' : ''}${formatNumber(scale.high)}`;
  const barLeft = Math.ceil(measureText(low, size)) + 7;
  const highLeft = barLeft + bar + 7;
  const labelLeft = highLeft + Math.ceil(measureText(high, size)) + 14;
  const text = shortenText(label, most - labelLeft, size);
  const svg = [
    `<defs><linearGradient id="heat-scale">${steps.join('')}</linearGradient></defs>`,
    drawText(low, 0, 11, { size }),
    `<rect x="${barLeft}" y="1" width="${bar}" height="12" fill="url(#heat-scale)" stroke="#000000" stroke-opacity="0.2" stroke-width="0.5"/>`,
    drawText(high, highLeft, 11, { size }),
    drawText(text, labelLeft, 11, { size, fill: ink.faint }),
  ].join('');
  return { svg, width: Math.ceil(labelLeft + measureText(text, size)), height: 14 };
}
