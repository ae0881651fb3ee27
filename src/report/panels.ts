// Pictures of several things beside each other: blocks in rows, each under its heading.

import { type Block, bodyWidth } from './figure.ts';
import { drawHeading } from './image-grid.ts';

/** A block with its heading and the colour of the bar before it. */
export interface Panel {
  readonly heading: string;
  readonly colour: string;
  readonly block: Block;
}

const headingHeight = 28;
const rowGap = 22;
export const panelGap = 24;

/** How many panels stand beside each other, and how wide each may be, in SVG pixels. */
export function planPanels(count: number, leastWidth = 210): { columns: number; width: number } {
  const most = Math.max(1, Math.floor((bodyWidth + panelGap) / (leastWidth + panelGap)));
  const rows = Math.ceil(count / most);
  const columns = Math.ceil(count / rows);
  return { columns, width: Math.floor((bodyWidth + panelGap) / columns) - panelGap };
}

/** Arranges panels in rows of `columns`, each `width` SVG pixels wide. */
export function arrangePanels(
  panels: readonly Panel[],
  { columns, width }: { readonly columns: number; readonly width: number },
): Block {
  const parts: string[] = [];
  let top = 0;
  for (let start = 0; start < panels.length; start += columns) {
    const row = panels.slice(start, start + columns);
    for (const [i, { heading, colour, block }] of row.entries()) {
      const left = i * (width + panelGap);
      parts.push(
        `<g transform="translate(${left} ${top})">${drawHeading(heading, 0, colour)}<g transform="translate(0 ${headingHeight})">${block.svg}</g></g>`,
      );
    }
    top += headingHeight + Math.max(...row.map(({ block }) => block.height)) + rowGap;
  }
  const used = Math.min(columns, panels.length) * (width + panelGap) - panelGap;
  return { svg: parts.join(''), width: used, height: top - rowGap };
}
