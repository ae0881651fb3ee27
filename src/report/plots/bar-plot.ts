// Bars over named groups: classes, columns, shares. Lying on their side, so that names have room on a phone too.
import { type Block, drawText, ink } from '../figure.ts';
import { measureText, shortenText } from '../font.ts';
import { formatNumber } from '../format.ts';
import { drawLegend, type Plot, underLegend } from './plot.ts';

export interface Bars {
  readonly name: string;
  readonly colour: string;
  /** One value for each group; undefined where there is none. May be negative. */
  readonly values: readonly (number | undefined)[];
  /** A colour of its own for some bars. */
  readonly colours?: readonly string[];
}

export interface BarPlotOptions extends Omit<Plot, 'draw' | 'table'> {
  readonly groups: readonly string[];
  readonly bars: readonly Bars[];
  /** What is measured, with its unit. */
  readonly label: string;
  readonly format?: (value: number) => string;
  /** Where each bar begins: 0 unless given; for waterfalls. */
  readonly from?: readonly number[];
  readonly line?: { readonly at: number; readonly label: string } | undefined;
  readonly legend?: readonly { readonly text: string; readonly colour: string }[];
}

const barHeight = 15;
const groupGap = 9;

export function barPlot(options: BarPlotOptions): Plot {
  const { groups, bars, label, format = formatNumber, from = [], line, legend, ...plot } = options;
  return {
    ...plot,
    table: {
      columns: ['', ...bars.map(({ name }) => (name === '' ? label : `${name}: ${label}`))],
      rows: groups.map((group, i) => [group, ...bars.map(({ values }) => values[i])]),
    },
    async draw(width) {
      const entries = (
        legend ?? (bars.length > 1 ? bars.map(({ name, colour }) => ({ text: name, colour })) : [])
      ).map((entry) => ({ ...entry, mark: 'box' as const }));
      const dashed =
        line === undefined
          ? []
          : [{ text: line.label, colour: ink.strong, mark: 'line' as const, dash: [5, 4] }];
      const above = drawLegend([...entries, ...dashed], width);
      return underLegend(above, drawBars({ groups, bars, label, format, from, line }, width));
    },
  };
}

function drawBars(
  {
    groups,
    bars,
    label,
    format,
    from,
    line,
  }: Required<Pick<BarPlotOptions, 'groups' | 'bars' | 'label' | 'format' | 'from'>> &
    Pick<BarPlotOptions, 'line'>,
  width: number,
): Block {
  const ends = bars.flatMap(({ values }) =>
    values.flatMap((value, i) => (value === undefined ? [] : [from[i] ?? 0, (from[i] ?? 0) + value])),
  );
  const all = [0, ...ends, ...(line === undefined ? [] : [line.at])].filter(Number.isFinite);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const range = high - low || 1;
  const left = Math.min(
    width * (width < 500 ? 0.44 : 0.36),
    Math.ceil(Math.max(...groups.map((group) => measureText(group, 12)))) + 10,
  );
  const numbers = Math.max(
    ...bars.flatMap(({ values }) =>
      values.map((value) => measureText(value === undefined ? '–' : format(value), 11)),
    ),
  );
  const room = Math.max(40, width - left - numbers - 10);
  const at = (value: number): number => left + ((value - low) / range) * room;
  const groupHeight = bars.length * barHeight + groupGap;
  const parts: string[] = [];
  for (const [i, group] of groups.entries()) {
    const top = i * groupHeight;
    const middle = top + (bars.length * barHeight) / 2 + 4;
    parts.push(drawText(shortenText(group, left - 10, 12), left - 8, middle, { size: 12, anchor: 'end' }));
    for (const [k, { values, colour, colours }] of bars.entries()) {
      const value = values[i];
      const y = top + k * barHeight;
      if (value === undefined || !Number.isFinite(value)) {
        parts.push(drawText('–', at(0) + 4, y + 11, { size: 11, fill: ink.faint }));
        continue;
      }
      const [start, end] = [at(from[i] ?? 0), at((from[i] ?? 0) + value)];
      const x = Math.min(start, end);
      parts.push(
        `<rect x="${x.toFixed(1)}" y="${y + 1}" width="${Math.max(1, Math.abs(end - start)).toFixed(1)}" height="${barHeight - 2}" fill="${colours?.[i] ?? colour}"/>`,
        drawText(format(value), Math.max(start, end) + 5, y + 11.5, { size: 11, fill: ink.faint }),
      );
    }
  }
  const height = groups.length * groupHeight;
  parts.push(`<path d="M${at(0).toFixed(1)} 0V${height - groupGap + 2}" stroke="#9aa2ab" fill="none"/>`);
  if (line !== undefined) {
    parts.push(
      `<path d="M${at(line.at).toFixed(1)} -3V${height - groupGap + 4}" stroke="${ink.strong}" stroke-dasharray="5 4" fill="none"/>`,
    );
  }
  parts.push(
    drawText(shortenText(label, width, 12.5), width / 2, height + 14, { size: 12.5, anchor: 'middle' }),
  );
  return { svg: parts.join(''), width, height: height + 20 };
}
