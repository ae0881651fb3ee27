// Images as tiles in rows and columns with captions under them: the part that all sheets share.
// Each tile is a small PNG inside the SVG, enlarged by whole numbers without smoothing.

import sharp from 'sharp';
import type { ImageSet, ImageShape } from '../data/dataset.ts';
import { OddityError } from '../errors.ts';
import { bodyWidth, drawText, ink } from './figure.ts';
import { measureText, shortenText } from './font.ts';
import { pngZoom } from './svg-to-png.ts';

const gap = 8;
const captionSizes = [11, 10.5, 10, 9.5, 9, 8.5, 8];

/** Where tiles and captions go, in SVG pixels; `left` is the part of the body that is not for tiles. */
export interface GridPlan {
  readonly columns: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** From the left edge of one cell to that of the next. */
  readonly pitch: number;
  readonly captionSize: number;
  readonly captionLines: number;
  readonly width: number;
  /** False where images are reduced, so that they are smoothed. */
  readonly enlarged: boolean;
}

/** What a caller may say about a grid. */
export interface GridOptions {
  readonly columns?: number | undefined;
  /** PNG pixels per image pixel, a whole number; reduced where the sheet would be wider than 1600 pixels. */
  readonly scale?: number | undefined;
  readonly captions?: readonly string[] | undefined;
}

/**
 * Checks a set of images before it is drawn.
 * @throws OddityError BAD_USAGE for an empty set or captions that do not match, BAD_DATA for a wrong size.
 */
export function checkImages(images: ImageSet, what: string, captions?: readonly string[]): void {
  const { count, pixels, shape } = images;
  if (!Number.isInteger(count) || count < 1) {
    throw new OddityError('BAD_USAGE', `${what} needs at least one image, got ${count}`);
  }
  const size = shape[0] * shape[1] * shape[2];
  if (size < 1 || (shape[2] !== 1 && shape[2] !== 3)) {
    throw new OddityError('BAD_DATA', `${what} needs images of 1 or 3 channels, got ${shape.join('x')}`);
  }
  if (pixels.length !== count * size) {
    throw new OddityError(
      'BAD_DATA',
      `${what} expected ${count * size} bytes for ${count} images of ${shape.join('x')}, got ${pixels.length}`,
    );
  }
  if (captions !== undefined && captions.length !== count) {
    throw new OddityError(
      'BAD_USAGE',
      `${what} needs one caption per image: ${count}, got ${captions.length}`,
    );
  }
}

/** Chooses columns, enlargement and caption size for `count` images, `available` SVG pixels wide. */
export function planGrid(
  count: number,
  shape: ImageShape,
  options: GridOptions,
  available = bodyWidth,
): GridPlan {
  const { columns: askedColumns, scale: askedScale, captions = [] } = options;
  for (const [name, value] of Object.entries({ columns: askedColumns, scale: askedScale })) {
    if (value !== undefined && (!Number.isInteger(value) || value < 1)) {
      throw new OddityError('BAD_USAGE', `${name} must be a whole number of at least 1, got ${value}`);
    }
  }
  const [height, width] = shape;
  const target = count <= 4 ? 160 : count <= 12 ? 112 : count <= 60 ? 72 : count <= 150 ? 64 : 42;
  const wish = askedScale === undefined ? target : (askedScale * width) / pngZoom;
  const fitting = Math.max(1, Math.floor((available + gap) / (wish + gap)));
  const columns = Math.min(
    count,
    askedColumns ??
      chooseColumns(count, fitting, askedScale === undefined ? Math.floor(fitting * 1.25) : fitting),
  );
  const most = Math.max(1, Math.floor((available + gap) / columns) - gap);
  const room = Math.min(askedScale === undefined ? target : wish, most);
  // Whole PNG pixels per image pixel where they fit, else a plain reduction.
  const exact = (room * pngZoom) / Math.max(width, askedScale === undefined ? height : width);
  const scale = exact >= 1 ? Math.floor(exact) : Math.max(exact, 1 / width);
  const tileWidth = (width * scale) / pngZoom;
  const lines = captions.flatMap((caption) => caption.split('\n'));
  const widest = (size: number) => Math.max(0, ...lines.map((line) => measureText(line, size)));
  const captionSize = captionSizes.find((size) => widest(size) <= most) ?? 8;
  const cell = Math.max(tileWidth, Math.min(Math.ceil(widest(captionSize)), most));
  const pitch = cell + gap;
  return {
    columns,
    tileWidth,
    tileHeight: Math.max(1, Math.round(height * scale)) / pngZoom,
    pitch,
    captionSize,
    captionLines: Math.max(0, ...captions.map((caption) => caption.split('\n').length)),
    width: columns * pitch - gap,
    enlarged: scale >= 1,
  };
}

/** About `fitting` columns, at most `most`: a number that fills the last row, else rows as even as can be. */
function chooseColumns(count: number, fitting: number, most: number): number {
  if (count <= fitting) return count;
  for (let columns = most; columns >= fitting * 0.75; columns--) {
    if (count % columns === 0) return columns;
  }
  return Math.ceil(count / Math.ceil(count / fitting));
}

/** Height that the captions under a row of tiles take. */
export function captionHeight(plan: GridPlan): number {
  return plan.captionLines === 0 ? 0 : plan.captionLines * (plan.captionSize + 2.5) + 3;
}

/** Encodes images as data URIs, one per image: gray for 1 channel, colour for 3. */
export function encodeTiles(images: ImageSet): Promise<string[]> {
  const [height, width, channels] = images.shape;
  const size = height * width * channels;
  return Promise.all(
    Array.from({ length: images.count }, async (_, index) => {
      const pixels = images.pixels.subarray(index * size, (index + 1) * size);
      const raw = { width, height, channels: channels as 1 | 3 };
      const png = await sharp(pixels, { raw }).png({ compressionLevel: 9 }).toBuffer();
      return `data:image/png;base64,${png.toString('base64')}`;
    }),
  );
}

/** Draws one tile, and its caption where there is one, in a column of a row that starts at (`left`, `top`). */
export function drawTile(
  plan: GridPlan,
  uri: string,
  column: number,
  left: number,
  top: number,
  caption = '',
): string {
  const cell = plan.pitch - gap;
  // Half SVG pixels are whole PNG pixels: the tile's edges stay on the raster.
  const x = left + column * plan.pitch + Math.round(cell - plan.tileWidth) / 2;
  const { tileWidth: w, tileHeight: h } = plan;
  // The old name of `pixelated`: browsers take both, resvg only this one.
  const rendering = plan.enlarged ? ' image-rendering="optimizeSpeed"' : '';
  const tile = `<image x="${x}" y="${top}" width="${w}" height="${h}" preserveAspectRatio="none"${rendering} xlink:href="${uri}"/><rect x="${x}" y="${top}" width="${w}" height="${h}" fill="none" stroke="#000000" stroke-opacity="0.14" stroke-width="0.5"/>`;
  const lines = caption.split('\n').map((line, index) => {
    const y = top + h + 3 + (index + 1) * (plan.captionSize + 2.5) - 1;
    const text = shortenText(line, plan.pitch - 2, plan.captionSize);
    return text === '' ? '' : drawText(text, x + w / 2, y, { size: plan.captionSize, anchor: 'middle' });
  });
  return tile + lines.join('');
}

/** Draws all tiles of a grid row by row from `top` on; returns the SVG and the height it takes. */
export function drawGrid(
  plan: GridPlan,
  uris: readonly string[],
  captions: readonly string[] = [],
  top = 0,
): { svg: string; height: number } {
  const rowHeight = plan.tileHeight + captionHeight(plan) + gap;
  const tiles = uris.map((uri, index) => {
    const row = Math.floor(index / plan.columns);
    return drawTile(plan, uri, index % plan.columns, 0, top + row * rowHeight, captions[index]);
  });
  return { svg: tiles.join(''), height: Math.ceil(uris.length / plan.columns) * rowHeight - gap };
}

/** A heading over a block of tiles with a bar of the given colour before it; 26 SVG pixels high. */
export function drawHeading(text: string, top: number, colour: string): string {
  return `<rect x="0" y="${top + 2}" width="4" height="16" rx="1" fill="${colour}"/>${drawText(text, 11, top + 15, { size: 13.5, weight: 600, fill: ink.strong })}`;
}
