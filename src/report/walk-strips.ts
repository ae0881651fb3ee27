// Walks through latent space between pairs of images: a strip for each model under its name, the real ends beside it.

import type { ImageSet } from '../data/dataset.ts';
import { OddityError } from '../errors.ts';
import { bodyWidth, drawText, type Figure, type FigureOptions, frameFigure, ink } from './figure.ts';
import { measureText } from './font.ts';
import { checkImages, drawTile, encodeTiles, planGrid } from './image-grid.ts';

/** One model's walks: as many rows of `stops` images as there are pairs. */
export interface Walks {
  readonly name: string;
  readonly images: ImageSet;
  readonly stops: number;
}

export interface WalkStripsOptions extends FigureOptions {
  /** Starts and ends, one image for each row. */
  readonly from: ImageSet;
  readonly to: ImageSet;
  readonly walks: readonly Walks[];
}

const tileGap = 6;
const endGap = 14;

/** Draws a block for each pair. Throws BAD_USAGE for no walk, BAD_DATA for walks of other lengths than the pairs. */
export async function walkStrips({ from, to, walks, ...options }: WalkStripsOptions): Promise<Figure> {
  const { name = 'walks', title = 'Walks in latent space between two test images' } = options;
  const { subtitle = 'the real images at both ends, the model’s own between them' } = options;
  checkImages(from, 'a walk');
  checkImages(to, 'a walk');
  const [first] = walks;
  if (first === undefined) throw new OddityError('BAD_USAGE', 'a picture of walks needs a walk, got none');
  const { stops } = first;
  for (const walk of walks) {
    if (walk.images.count === from.count * stops && to.count === from.count) continue;
    throw new OddityError(
      'BAD_DATA',
      `expected walks of ${stops} stops for ${from.count} pairs, got ${walk.images.count} images`,
    );
  }
  const labelWidth = Math.ceil(Math.max(...walks.map((walk) => measureText(walk.name, 12, 600)))) + 14;
  const plan = planGrid(stops + 2, from.shape, { columns: stops + 2 }, bodyWidth - labelWidth - 2 * endGap);
  const [starts, ends] = await Promise.all([encodeTiles(from), encodeTiles(to)]);
  const strips = await Promise.all(walks.map(({ images }) => encodeTiles(images)));
  const rowHeight = plan.tileHeight + tileGap;
  const blockHeight = walks.length * rowHeight + 14;
  const parts: string[] = [];
  for (let pair = 0; pair < from.count; pair++) {
    for (const [w, walk] of walks.entries()) {
      const top = pair * blockHeight + w * rowHeight;
      const middle = top + plan.tileHeight / 2 + 4;
      parts.push(drawText(walk.name, 0, middle, { size: 12, weight: 600, fill: ink.normal }));
      parts.push(drawTile(plan, starts[pair] ?? '', 0, labelWidth, top));
      for (let stop = 0; stop < stops; stop++) {
        parts.push(
          drawTile(plan, strips[w]?.[pair * stops + stop] ?? '', stop + 1, labelWidth + endGap, top),
        );
      }
      parts.push(drawTile(plan, ends[pair] ?? '', stops + 1, labelWidth + 2 * endGap, top));
    }
  }
  const body = {
    svg: parts.join(''),
    width: labelWidth + plan.width + 2 * endGap,
    height: from.count * blockHeight - 14 - tileGap,
  };
  const altText = `${title}. ${from.count} pairs, ${stops} stops each, by ${walks.map((walk) => walk.name).join(', ')}.`;
  return frameFigure(body, { name, title, subtitle, altText });
}
