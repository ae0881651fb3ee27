// What every picture is: a record with its SVG, its PNG and words for those who cannot see it.
// Also its frame: white page, margins, a title that wraps, a subtitle, then the body.

import { fontFamily, measureText, wrapText } from './font.ts';
import { svgToPng } from './svg-to-png.ts';

/** A finished picture. `width` and `height` are those of the PNG, in pixels. */
export interface Figure {
  /** Kebab-case; the file name without its ending. */
  readonly name: string;
  readonly title: string;
  readonly svg?: string;
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** What the picture shows, in words with numbers. */
  readonly altText: string;
}

/** What a caller may set on every figure. */
export interface FigureOptions {
  /** File name without ending, kebab-case; each kind of figure has its own. */
  readonly name?: string;
  /** States what the figure shows. */
  readonly title?: string;
  readonly subtitle?: string;
}

/** A piece of SVG and its size in SVG pixels. */
export interface Block {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** Colours of the frame and of everything that is not data. */
export const ink = { strong: '#17202a', normal: '#3c4650', faint: '#66707a', line: '#d5d9de' } as const;

const margin = 28;
/** The widest body that keeps a PNG within 1600 pixels. */
export const bodyWidth = 800 - 2 * margin;
const leastWidth = 420;
const titleSize = 18;
const subtitleSize = 12.5;

/** Escapes a text for SVG content and attributes, and drops what XML forbids. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}

/** One line of SVG text; `y` is its baseline. */
export function drawText(
  text: string,
  x: number,
  y: number,
  style: { size: number; weight?: 400 | 600; fill?: string; anchor?: 'start' | 'middle' | 'end' },
): string {
  const { size, weight = 400, fill = ink.normal, anchor = 'start' } = style;
  return `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${fill}" text-anchor="${anchor}">${escapeXml(text)}</text>`;
}

/** Puts a body under its title and draws both; rejects as `svgToPng` does. */
export async function frameFigure(
  body: Block,
  texts: { name: string; title: string; subtitle?: string | undefined; altText: string },
): Promise<Figure> {
  const { name, title, subtitle = '', altText } = texts;
  const wish = Math.max(measureText(title, titleSize, 600), measureText(subtitle, subtitleSize));
  const inner = Math.ceil(Math.max(body.width, Math.min(wish + 1, Math.max(leastWidth, body.width))));
  let y = margin - 4;
  const heading: string[] = [];
  for (const line of wrapText(title, inner, titleSize, 600)) {
    y += 20;
    heading.push(drawText(line, margin, y, { size: titleSize, weight: 600, fill: ink.strong }));
    y += 4;
  }
  for (const line of wrapText(subtitle, inner, subtitleSize)) {
    y += 15;
    heading.push(drawText(line, margin, y, { size: subtitleSize, fill: ink.faint }));
    y += 3;
  }
  y += 14;
  const width = inner + 2 * margin;
  const height = Math.ceil(y + body.height + margin - 6);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${fontFamily}" role="img" aria-label="${escapeXml(altText)}"><title>${escapeXml(title)}</title><rect width="${width}" height="${height}" fill="#ffffff"/>${heading.join('')}<g transform="translate(${margin} ${y})">${body.svg}</g></svg>\n`;
  return { name, title, svg, altText, ...(await svgToPng(svg)) };
}
