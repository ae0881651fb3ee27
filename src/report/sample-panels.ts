// Sheets of images side by side: what is real, and what each model draws.

import type { ImageSet } from '../data/dataset.ts';
import { type Figure, type FigureOptions, frameFigure } from './figure.ts';
import { checkImages, drawGrid, encodeTiles, planGrid } from './image-grid.ts';
import { arrangePanels, type Panel, planPanels } from './panels.ts';

/** One sheet of images with its heading. */
export interface SamplePanel {
  readonly heading: string;
  readonly colour: string;
  readonly images: ImageSet;
}

/**
 * Draws each set as a square sheet under its heading, all in one scale.
 * @throws OddityError BAD_USAGE for an empty set, BAD_DATA for a wrong size.
 */
export async function samplePanels(
  sheets: readonly SamplePanel[],
  options: FigureOptions = {},
): Promise<Figure> {
  const { name = 'samples', title = 'Real images, and images drawn by each model', subtitle } = options;
  const layout = planPanels(sheets.length);
  const panels = await Promise.all(
    sheets.map(async ({ heading, colour, images }): Promise<Panel> => {
      checkImages(images, 'a sheet of samples');
      const columns = Math.ceil(Math.sqrt(images.count));
      const plan = planGrid(images.count, images.shape, { columns }, layout.width);
      const grid = drawGrid(plan, await encodeTiles(images));
      return { heading, colour, block: { ...grid, width: plan.width } };
    }),
  );
  const altText = `${title}. ${sheets.map(({ heading, images }) => `${images.count} images: ${heading}`).join('; ')}.`;
  return frameFigure(arrangePanels(panels, layout), { name, title, subtitle, altText });
}
