// Originals over their reconstructions over a heat map of the error: what a model could not explain, pixel by pixel.

import type { ImageSet } from '../data/dataset.ts';
import { OddityError } from '../errors.ts';
import { bodyWidth, drawText, type Figure, type FigureOptions, frameFigure, ink } from './figure.ts';
import { formatNumber } from './format.ts';
import { chooseScale, colourMaps, drawScale, sumChannels } from './heat-map.ts';
import { captionHeight, checkImages, drawTile, encodeTiles, planGrid } from './image-grid.ts';

/** What a reconstruction sheet is made of; all three hold the same examples in the same order. */
export interface ReconstructionSheetOptions extends FigureOptions {
  readonly originals: ImageSet;
  readonly reconstructions: ImageSet;
  /** Contributions to the score, `count * height * width * channels`, of any sign and scale. */
  readonly errors: Float32Array;
  readonly captions?: readonly string[];
  /** What the colours measure, with its unit. */
  readonly errorLabel?: string;
}

const labels = ['Original', 'Reconstruction', 'Error'] as const;
const labelWidth = 108;
const mostColumns = 12;

/**
 * Draws three rows per block, a column per example, at most 12 columns; further examples go into further blocks.
 * Errors are summed over channels and share one scale, whose legend stands below.
 * @throws OddityError BAD_USAGE for an empty set or captions that do not match, BAD_DATA for wrong sizes or NaN.
 */
export async function reconstructionSheet(options: ReconstructionSheetOptions): Promise<Figure> {
  const { originals, reconstructions, errors, captions, name = 'reconstructions', subtitle } = options;
  const { title = 'What the model reconstructs, and what it misses' } = options;
  const { errorLabel = 'share of the score per pixel (nats)' } = options;
  const { count, shape } = originals;
  checkImages(originals, 'a reconstruction sheet', captions);
  checkImages(reconstructions, 'a reconstruction sheet');
  if (reconstructions.count !== count || reconstructions.shape.join() !== shape.join()) {
    throw new OddityError(
      'BAD_DATA',
      `expected ${count} reconstructions of ${shape.join('x')}, got ${reconstructions.count} of ${reconstructions.shape.join('x')}`,
    );
  }
  const sums = sumChannels(errors, shape, count);
  const scale = chooseScale(sums);
  const maps = colourMaps(sums, shape, count, scale);
  const rows = await Promise.all([originals, reconstructions, maps].map(encodeTiles));

  const blocks = Math.ceil(count / mostColumns);
  const columns = Math.ceil(count / blocks);
  const plan = planGrid(Math.max(columns, 5), shape, { columns, captions }, bodyWidth - labelWidth);
  const blockHeight = 3 * (plan.tileHeight + 6) + captionHeight(plan) + 14;
  const parts: string[] = [];
  for (let block = 0; block < blocks; block++) {
    for (const [row, tiles] of rows.entries()) {
      const top = block * blockHeight + row * (plan.tileHeight + 6);
      const middle = top + plan.tileHeight / 2 + 4;
      parts.push(drawText(labels[row] ?? '', 0, middle, { size: 12, weight: 600, fill: ink.normal }));
      for (let column = 0; column < columns; column++) {
        const index = block * columns + column;
        const uri = tiles[index];
        const caption = row === 2 ? captions?.[index] : '';
        if (uri !== undefined) parts.push(drawTile(plan, uri, column, labelWidth, top, caption));
      }
    }
  }
  const legendTop = blocks * blockHeight;
  const legend = drawScale(scale, errorLabel, bodyWidth - labelWidth);
  parts.push(`<g transform="translate(${labelWidth} ${legendTop})">${legend.svg}</g>`);
  const altText = `${title}. ${count} examples: the original, its reconstruction and a heat map of the error, ${errorLabel}, from ${formatNumber(scale.low)} to ${formatNumber(scale.high)}${captions === undefined ? '' : `; captions ${captions.join(', ').replaceAll('\n', ' ')}`}.`;
  const width = labelWidth + Math.max(plan.width, legend.width);
  const body = { svg: parts.join(''), width, height: legendTop + legend.height };
  return frameFigure(body, { name, title, subtitle, altText });
}
