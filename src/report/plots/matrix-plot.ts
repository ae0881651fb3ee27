// Coloured cells with their numbers: correlations, confusions.
import { diverging, toHex } from '../colours.ts';
import { type Block, drawText, ink } from '../figure.ts';
import { measureText, shortenText } from '../font.ts';
import type { Plot } from './plot.ts';

export interface MatrixPlotOptions extends Omit<Plot, 'draw' | 'table'> {
  readonly names: readonly string[];
  /** Names of the columns, where they differ from those of the rows. */
  readonly columns?: readonly string[];
  /** -1..1, row by row; NaN where there is none. */
  readonly values: readonly (readonly number[])[];
}

export function matrixPlot({ names, columns = names, values, ...plot }: MatrixPlotOptions): Plot {
  return {
    ...plot,
    table: { columns: ['', ...columns], rows: names.map((name, i) => [name, ...(values[i] ?? [])]) },
    draw: async (width) => drawMatrix(names, columns, values, width),
  };
}

function drawMatrix(
  names: readonly string[],
  columns: readonly string[],
  values: readonly (readonly number[])[],
  width: number,
): Block {
  const left = Math.min(width * 0.3, Math.max(...names.map((name) => measureText(name, 11))) + 10);
  const cell = Math.min(44, (width - left) / columns.length);
  const parts: string[] = [];
  for (const [i, name] of names.entries()) {
    const y = i * cell;
    parts.push(
      drawText(shortenText(name, left - 8, 11), left - 6, y + cell / 2 + 4, { size: 11, anchor: 'end' }),
    );
    for (const [k, value] of (values[i] ?? []).entries()) {
      const x = left + k * cell;
      if (Number.isNaN(value)) continue;
      parts.push(
        `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${(cell - 1).toFixed(1)}" height="${(cell - 1).toFixed(1)}" fill="${toHex(diverging(value))}"/>`,
      );
      if (cell < 26) continue;
      // Dark enough on the pale cells, white on the strong ones, in any scheme.
      const fill = Math.abs(value) > 0.55 ? '#fefefe' : '#17202b';
      parts.push(
        drawText(
          value
            .toFixed(cell < 34 ? 1 : 2)
            .replace(/^-(?=0\.?0*$)/, '')
            .replace('-', '−'),
          x + cell / 2,
          y + cell / 2 + 3.5,
          {
            size: 10,
            anchor: 'middle',
            fill,
          },
        ),
      );
    }
  }
  const bottom = names.length * cell + 4;
  const below = Math.min(110, Math.max(...columns.map((name) => measureText(name, 11))) + 4);
  for (const [k, name] of columns.entries()) {
    const x = left + (k + 0.5) * cell + 4;
    parts.push(
      `<g transform="translate(${x.toFixed(1)} ${bottom.toFixed(1)}) rotate(-90)">${drawText(shortenText(name, below, 11), 0, 0, { size: 11, anchor: 'end', fill: ink.normal })}</g>`,
    );
  }
  return { svg: parts.join(''), width, height: bottom + below + 4 };
}
