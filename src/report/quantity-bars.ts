// Quantities of different units side by side: a panel for each, in it a bar with its number for each model.

import { OddityError } from '../errors.ts';
import {
  type Block,
  bodyWidth,
  drawText,
  type Figure,
  type FigureOptions,
  frameFigure,
  ink,
} from './figure.ts';
import { measureText } from './font.ts';
import { formatNumber } from './format.ts';
import { panelGap } from './panels.ts';

/** One quantity of all models. */
export interface Quantity {
  /** With its unit, and which way is better. */
  readonly title: string;
  readonly values: readonly (number | undefined)[];
  readonly format?: (value: number) => string;
}

export interface QuantityBarsOptions extends FigureOptions {
  readonly models: readonly { readonly name: string; readonly colour: string }[];
  readonly quantities: readonly Quantity[];
}

const rowHeight = 24;
const barHeight = 14;
const columns = 2;

/** Draws each quantity from zero on a scale of its own. Throws BAD_DATA where there is nothing to draw. */
export async function quantityBars({ models, quantities, ...options }: QuantityBarsOptions): Promise<Figure> {
  const { name = 'quantities', title = 'Quantities of each model', subtitle } = options;
  const drawn = quantities.filter(({ values }) => values.some((value) => value !== undefined));
  if (drawn.length === 0) throw new OddityError('BAD_DATA', 'a chart of quantities needs a value, got none');
  const width = (bodyWidth - panelGap) / columns;
  const blocks = drawn.map((quantity) => drawQuantity(quantity, models, width));
  const height = (blocks[0]?.height ?? 0) + 20;
  const svg = blocks.map((block, i) => {
    const [left, top] = [(i % columns) * (width + panelGap), Math.floor(i / columns) * height];
    return `<g transform="translate(${left} ${top})">${block.svg}</g>`;
  });
  const said = drawn.map(
    ({ title: each, values, format = formatNumber }) =>
      `${each}: ${models.map((model, i) => `${model.name} ${values[i] === undefined ? 'none' : format(values[i])}`).join(', ')}`,
  );
  const altText = `${title}. ${said.join('; ')}.`;
  const body = {
    svg: svg.join(''),
    width: bodyWidth,
    height: Math.ceil(drawn.length / columns) * height - 20,
  };
  return frameFigure(body, { name, title, subtitle, altText });
}

function drawQuantity(
  { title, values, format = formatNumber }: Quantity,
  models: QuantityBarsOptions['models'],
  width: number,
): Block {
  const texts = values.map((value) => (value === undefined ? 'none' : format(value)));
  const nameWidth = Math.ceil(Math.max(...models.map((model) => measureText(model.name, 12)))) + 10;
  const textWidth = Math.ceil(Math.max(...texts.map((text) => measureText(text, 12)))) + 8;
  const most = Math.max(...values.map((value) => value ?? 0));
  const scale = most > 0 ? (width - nameWidth - textWidth) / most : 0;
  const bars = models.map(({ name, colour }, i) => {
    const top = 28 + i * rowHeight;
    const length = Math.max(1, (values[i] ?? 0) * scale);
    return [
      drawText(name, 0, top + 12, { size: 12 }),
      `<rect x="${nameWidth}" y="${top + 1}" width="${length.toFixed(1)}" height="${barHeight}" fill="${colour}"/>`,
      drawText(texts[i] ?? '', nameWidth + Math.ceil(length) + 6, top + 12, { size: 12, fill: ink.strong }),
    ].join('');
  });
  const heading = drawText(title, 0, 13, { size: 12.5, weight: 600, fill: ink.strong });
  return { svg: heading + bars.join(''), width, height: 28 + models.length * rowHeight };
}
