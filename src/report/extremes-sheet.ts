// The two ends of a test set: the images that a detector finds oddest, and those it finds most normal.

import type { ImageSet } from '../data/dataset.ts';
import { OddityError } from '../errors.ts';
import { anomalousColour, normalColour } from './colours.ts';
import { type Figure, type FigureOptions, frameFigure } from './figure.ts';
import { checkImages, drawGrid, drawHeading, encodeTiles, planGrid } from './image-grid.ts';

/** Both ends, each with the oddest (or the least odd) image first, and captions such as 'p = 0.002'. */
export interface ExtremesSheetOptions extends FigureOptions {
  readonly most: ImageSet;
  readonly least: ImageSet;
  readonly mostCaptions?: readonly string[];
  readonly leastCaptions?: readonly string[];
  readonly mostHeading?: string;
  readonly leastHeading?: string;
  readonly columns?: number;
}

/**
 * Draws the most and the least anomalous images as two blocks under headings, in one scale.
 * @throws OddityError BAD_USAGE for an empty set or captions that do not match, BAD_DATA for wrong or unlike sizes.
 */
export async function extremesSheet(options: ExtremesSheetOptions): Promise<Figure> {
  const { most, least, mostCaptions, leastCaptions, name = 'extremes', subtitle } = options;
  const { title = 'The most and the least anomalous images', columns } = options;
  const { mostHeading = 'Most anomalous', leastHeading = 'Least anomalous' } = options;
  checkImages(most, 'the block of most anomalous images', mostCaptions);
  checkImages(least, 'the block of least anomalous images', leastCaptions);
  if (most.shape.join() !== least.shape.join()) {
    throw new OddityError(
      'BAD_DATA',
      `both blocks need images of one shape, got ${most.shape.join('x')} and ${least.shape.join('x')}`,
    );
  }
  const captions = [...(mostCaptions ?? []), ...(leastCaptions ?? [])];
  const plan = planGrid(Math.max(most.count, least.count), most.shape, { columns, captions });
  const [mostTiles, leastTiles] = await Promise.all([encodeTiles(most), encodeTiles(least)]);
  const upper = drawGrid(plan, mostTiles, mostCaptions, 30);
  const start = 30 + upper.height + 24;
  const lower = drawGrid(plan, leastTiles, leastCaptions, start + 30);
  const svg = [
    drawHeading(mostHeading, 0, anomalousColour),
    upper.svg,
    drawHeading(leastHeading, start, normalColour),
    lower.svg,
  ].join('');
  const range = (texts: readonly string[] = []) =>
    texts.length === 0 ? '' : ` (${texts[0]} to ${texts.at(-1)})`.replaceAll('\n', ' ');
  const altText = `${title}. ${most.count} most anomalous images${range(mostCaptions)} above ${least.count} least anomalous ones${range(leastCaptions)}.`;
  return frameFigure(
    { svg, width: plan.width, height: start + 30 + lower.height },
    { name, title, subtitle, altText },
  );
}
