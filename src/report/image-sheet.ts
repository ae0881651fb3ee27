// A contact sheet: many images at a glance, each with its caption.

import type { ImageSet } from '../data/dataset.ts';
import { type Figure, type FigureOptions, frameFigure } from './figure.ts';
import { checkImages, drawGrid, encodeTiles, type GridOptions, planGrid } from './image-grid.ts';

/** What may be set on a contact sheet; a caption may hold line breaks. */
export interface ImageSheetOptions extends FigureOptions, GridOptions {}

/**
 * Draws all images of a set in rows, gray (1 channel) or RGB (3 channels), enlarged without smoothing.
 * Columns and enlargement suit the count unless given; the PNG is at most 1600 pixels wide.
 * @throws OddityError BAD_USAGE for an empty set or captions that do not match it, BAD_DATA for a wrong size.
 */
export async function imageSheet(images: ImageSet, options: ImageSheetOptions = {}): Promise<Figure> {
  const { name = 'images', captions, subtitle } = options;
  checkImages(images, 'an image sheet', captions);
  const title = options.title ?? (images.count === 1 ? 'One image' : `${images.count} images`);
  const plan = planGrid(images.count, images.shape, options);
  const grid = drawGrid(plan, await encodeTiles(images), captions);
  const captioned =
    captions === undefined ? '' : `, from "${captions[0]}" to "${captions.at(-1)}"`.replaceAll('\n', ' ');
  const altText = `${title}. Images: ${images.count} of ${images.shape[1]} by ${images.shape[0]} pixels in rows of ${plan.columns}${captioned}.`;
  return frameFigure({ ...grid, width: plan.width }, { name, title, subtitle, altText });
}
