// What every chart of a report is: a body for any width, words and numbers. It is drawn twice for a page, for wide
// screens and for phones, so that its letters are never scaled down, and once more with a frame for paper.
import { type Block, bodyWidth, drawText, frameFigure } from '../figure.ts';
import { measureText, shortenText } from '../font.ts';
import type { DataTable } from '../page/data-table.ts';
import { raw } from '../page/markup.ts';
import type { ReportFigure } from '../page/report-figure.ts';

export interface Plot {
  readonly name: string;
  readonly title: string;
  readonly caption?: string | undefined;
  readonly altText: string;
  readonly table: DataTable;
  draw(width: number): Promise<Block>;
}

/** As wide as the page's column. */
export const wideWidth = 792;
export const narrowWidth = 320;

/** Draws a plot for page and paper. */
export async function plotFigure({ draw, ...plot }: Plot): Promise<ReportFigure> {
  const blocks = [await draw(wideWidth), await draw(narrowWidth)] as const;
  const [wide, narrow] = blocks.map(({ svg, width, height }) => {
    const inner = svg.replace(/ aria-label="[^"]*"/, '');
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${Math.ceil(height)}" width="${width}" height="${Math.ceil(height)}" font-family="Inter, Helvetica, Arial, sans-serif">${inner}</svg>`;
  });
  return {
    ...plot,
    view: raw(
      `<div class="chart" role="img" aria-labelledby="${plot.name}-title"><div class="wide">${wide}</div><div class="narrow">${narrow}</div></div>`,
    ),
    async paper() {
      const { name, title, altText, caption } = plot;
      return frameFigure(await draw(bodyWidth), { name, title, subtitle: caption, altText });
    },
  };
}

/** An entry of a legend: a line, a dot, or a box of a colour. */
export interface LegendEntry {
  readonly text: string;
  readonly colour: string;
  readonly mark: 'line' | 'dot' | 'box' | 'cross';
  readonly dash?: readonly number[] | undefined;
}

const rowHeight = 19;

/** Entries in rows, broken where they do not fit. */
export function drawLegend(entries: readonly LegendEntry[], width: number): Block {
  let [x, y] = [0, 0];
  const parts = entries.map((entry) => {
    const markWidth = entry.mark === 'line' ? 26 : 11;
    const text = shortenText(entry.text, width - markWidth - 6, 12);
    const size = markWidth + 6 + Math.ceil(measureText(text, 12)) + 18;
    if (x > 0 && x + size - 18 > width) [x, y] = [0, y + rowHeight];
    const drawn = `<g transform="translate(${x} ${y})">${drawMark(entry)}${drawText(text, markWidth + 6, 12, { size: 12 })}</g>`;
    x += size;
    return drawn;
  });
  return { svg: parts.join(''), width, height: entries.length === 0 ? 0 : y + rowHeight + 5 };
}

function drawMark({ mark, colour, dash }: LegendEntry): string {
  if (mark === 'dot') return `<circle cx="5.5" cy="8" r="5" fill="${colour}"/>`;
  if (mark === 'box') return `<rect x="0" y="3" width="11" height="11" rx="2" fill="${colour}"/>`;
  if (mark === 'cross')
    return `<path d="M1.5 4l8 8m0-8l-8 8" stroke="${colour}" stroke-width="2" fill="none"/>`;
  const dashes = dash === undefined ? '' : ` stroke-dasharray="${dash.join(' ')}"`;
  return `<path d="M0 8h26" stroke="${colour}" stroke-width="2.4" fill="none"${dashes}/>`;
}

/** A body under its legend. */
export function underLegend(legend: Block, body: Block): Block {
  const svg = `${legend.svg}<g transform="translate(0 ${legend.height})">${body.svg}</g>`;
  return { svg, width: body.width, height: body.height + legend.height };
}
