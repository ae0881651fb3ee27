// How classes look in a scatter: a colour and a shape each, since there may be more classes than colours.

import { palette } from './colours.ts';
import { type Block, bodyWidth, drawText } from './figure.ts';
import { measureText } from './font.ts';

const symbols = ['circle', 'triangle', 'diamond', 'rect'] as const;
export const classColour = (label: number): string => palette[label % palette.length] ?? palette[0];
export const classSymbol = (label: number) =>
  symbols[Math.floor(label / palette.length) % symbols.length] ?? 'circle';

/** Each class's mark and name, in lines. */
export function drawClassLegend(labels: readonly number[], classNames: readonly string[]): Block {
  let [x, y, widest] = [0, 0, 0];
  const parts = labels.map((label) => {
    const name = classNames[label] ?? String(label);
    const width = 15 + Math.ceil(measureText(name, 12)) + 16;
    if (x + width > bodyWidth && x > 0) [x, y] = [0, y + 19];
    const entry = `<g transform="translate(${x} ${y})">${drawMark(label)}${drawText(name, 15, 11, { size: 12 })}</g>`;
    x += width;
    widest = Math.max(widest, x);
    return entry;
  });
  return { svg: parts.join(''), width: widest, height: y + 15 };
}

function drawMark(label: number): string {
  const fill = `fill="${classColour(label)}"`;
  switch (classSymbol(label)) {
    case 'circle':
      return `<circle cx="5" cy="7" r="4.5" ${fill}/>`;
    case 'triangle':
      return `<path d="M5 2L10 11H0Z" ${fill}/>`;
    case 'diamond':
      return `<path d="M5 1.5L10 7L5 12.5L0 7Z" ${fill}/>`;
    case 'rect':
      return `<rect x="1" y="3" width="8" height="8" ${fill}/>`;
  }
}
