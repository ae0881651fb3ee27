// Images in rows under headings: samples, walks, mistakes. On a page each is an <img> that grows with its column; on
// paper they stand in the grid that all sheets share.
import type { ImageSet } from '../../data/dataset.ts';
import { OddityError } from '../../errors.ts';
import { type Block, bodyWidth, frameFigure, ink } from '../figure.ts';
import { drawGrid, drawHeading, encodeTiles, type GridPlan, planGrid } from '../image-grid.ts';
import { arrangePanels, planPanels } from '../panels.ts';
import { type Markup, markup, raw } from './markup.ts';
import type { ReportFigure } from './report-figure.ts';

export interface ImagePanel {
  readonly heading?: string | undefined;
  readonly colour?: string | undefined;
  readonly images: ImageSet;
  readonly captions?: readonly string[] | undefined;
  /** Images in a row on wide pages; 10 at most unless given. */
  readonly columns?: number | undefined;
}

export interface ImageFigureOptions extends Omit<ReportFigure, 'view' | 'paper'> {
  readonly panels: readonly ImagePanel[];
  /** Whether panels stand beside each other where there is room. */
  readonly beside?: true | undefined;
  /** Drawn below: the scale of heat maps. */
  readonly scale?: Block | undefined;
}

/** The figure. Throws BAD_USAGE for no image at all. */
export async function imageFigure({
  panels,
  beside,
  scale,
  ...figure
}: ImageFigureOptions): Promise<ReportFigure> {
  const shown = panels.filter(({ images }) => images.count > 0);
  if (shown.length === 0) throw new OddityError('BAD_USAGE', 'a picture of images needs one, got none');
  // Two scales on one page must not share the name of their colours.
  const named: Block | undefined = scale && {
    ...scale,
    svg: scale.svg.replaceAll('heat-scale', `scale-${figure.name}`),
  };
  const encoded = await Promise.all(shown.map(({ images }) => encodeTiles(drawable(images))));
  const below =
    named === undefined
      ? undefined
      : raw(
          `<svg class="scale" viewBox="0 0 ${Math.ceil(named.width)} ${named.height}" width="${Math.ceil(named.width)}" height="${named.height}" role="img" aria-label="colour scale" font-family="Inter, Helvetica, Arial, sans-serif">${named.svg}</svg>`,
        );
  return {
    ...figure,
    view: markup`<div class="${beside ? 'panels beside' : 'panels'}">${shown.map((panel, i) => showPanel(panel, shown, encoded[i] ?? []))}</div>${below}`,
    async paper() {
      const { name, title, caption, altText } = figure;
      const body = beside ? drawBeside(shown, encoded) : drawPanels(shown, encoded, named);
      return frameFigure(body, { name, title, subtitle: caption, altText });
    },
  };
}

/** Images of other than 1 or 3 channels are shown by their first. */
function drawable(images: ImageSet): ImageSet {
  const [height, width, channels] = images.shape;
  if (channels === 1 || channels === 3) return images;
  const pixels = Uint8Array.from(
    { length: images.count * height * width },
    (_, i) => images.pixels[i * channels] ?? 0,
  );
  return { shape: [height, width, 1], count: images.count, pixels };
}

const columnsOf = ({ images, columns = 10 }: ImagePanel): number =>
  Math.max(1, Math.min(images.count, columns));

function showPanel(panel: ImagePanel, panels: readonly ImagePanel[], uris: readonly string[]): Markup {
  const { heading, colour = ink.faint, captions, images } = panel;
  const columns = columnsOf(panel);
  // Captions need room on a phone; panels whose images belong under each other break alike.
  const isSpoken = panels.some((each) => each.captions !== undefined && columnsOf(each) === columns);
  const narrow = isSpoken ? Math.min(columns, 5) : columns;
  const [height, width] = images.shape;
  const tiles = uris.map((uri, i) => {
    const caption = captions?.[i];
    const text = caption === undefined ? undefined : markup`<span>${caption}</span>`;
    return markup`<div><img src="${raw(uri)}" width="${width}" height="${height}" alt="${caption?.replaceAll('\n', ' ') ?? ''}">${text}</div>`;
  });
  const title =
    heading === undefined ? undefined : markup`<h4 style="border-color:${colour}">${heading}</h4>`;
  return markup`<div class="panel">${title}<div class="tiles" style="--n:${columns};--narrow:${narrow}">${tiles}</div></div>`;
}

/** As wide as the widest captions of all panels with as many columns need, so that images stand under each other. */
function planPanel(panel: ImagePanel, panels: readonly ImagePanel[]): GridPlan {
  const columns = columnsOf(panel);
  const alike = panels.filter((each) => columnsOf(each) === columns);
  const captions = alike.flatMap((each) => each.captions ?? []);
  const plan = planGrid(
    Math.max(panel.images.count, 10),
    panel.images.shape,
    { columns, captions },
    bodyWidth,
  );
  const lines = (panel.captions ?? []).map((caption) => caption.split('\n').length);
  return { ...plan, captionLines: Math.max(0, ...lines) };
}

function drawBeside(panels: readonly ImagePanel[], encoded: readonly (readonly string[])[]): Block {
  const layout = planPanels(panels.length);
  const drawn = panels.map(({ heading = '', colour = ink.faint, images, columns, captions }, i) => {
    const plan = planGrid(images.count, images.shape, { columns, captions }, layout.width);
    const grid = drawGrid(plan, encoded[i] ?? [], captions);
    return { heading, colour, block: { ...grid, width: plan.width } };
  });
  return arrangePanels(drawn, layout);
}

/** Panels one below the other. */
function drawPanels(
  panels: readonly ImagePanel[],
  encoded: readonly (readonly string[])[],
  scale: Block | undefined,
): Block {
  const parts: string[] = [];
  let [top, widest] = [0, 0];
  for (const [i, panel] of panels.entries()) {
    const { heading, colour = ink.faint, captions } = panel;
    if (heading !== undefined) {
      parts.push(drawHeading(heading, top, colour));
      top += 26;
    }
    const plan = planPanel(panel, panels);
    const grid = drawGrid(plan, encoded[i] ?? [], captions, top);
    parts.push(grid.svg);
    top += grid.height + 18;
    widest = Math.max(widest, plan.width);
  }
  if (scale !== undefined) {
    parts.push(`<g transform="translate(0 ${top})">${scale.svg}</g>`);
    top += scale.height + 18;
    widest = Math.max(widest, scale.width);
  }
  return { svg: parts.join(''), width: widest, height: top - 18 };
}
