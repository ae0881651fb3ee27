// Maps of points: the same places coloured in several ways, side by side, each mark a hair's length of a path. A small
// script shows the row under the pointer.
import { type Block, bodyWidth, drawText, frameFigure, ink } from '../figure.ts';
import { measureText, shortenText } from '../font.ts';
import { arrangePanels, planPanels } from '../panels.ts';
import { drawLegend, type LegendEntry } from '../plots/plot.ts';
import type { DataTable } from './data-table.ts';
import { markup, raw, scriptJson } from './markup.ts';
import type { ReportFigure } from './report-figure.ts';

/** Points drawn alike. */
export interface MapGroup {
  readonly name: string;
  readonly colour: string;
  readonly mark: 'dot' | 'square' | 'cross';
  readonly rows: readonly number[];
  /** Whether its name is written at its middle. */
  readonly named?: true | undefined;
  /** Not in the legend. */
  readonly quiet?: true | undefined;
}

export interface MapPanel {
  readonly heading: string;
  readonly groups: readonly MapGroup[];
}

export interface MapFigureOptions extends Omit<ReportFigure, 'view' | 'paper' | 'table'> {
  /** [count, 2] */
  readonly points: Float32Array;
  readonly panels: readonly MapPanel[];
  /** What is said of each row under the pointer. */
  readonly texts: readonly string[];
  /** Which picture of the page's sprite belongs to each row, where there is one. */
  readonly thumbs?: readonly number[] | undefined;
  readonly table: DataTable;
}

const side = 340;

export function mapFigure({ points, panels, texts, thumbs, ...figure }: MapFigureOptions): ReportFigure {
  const places = placePoints(points);
  const drawn = panels.map(({ groups }) => drawMap(groups, places));
  const data = { places: [...places], texts, ...(thumbs === undefined ? {} : { thumbs }) };
  const shown = panels.map(({ heading, groups }, i) => {
    const legend = groups
      .filter(({ rows, quiet }) => rows.length > 0 && !quiet)
      .map(
        ({ name, colour, mark }) =>
          markup`<li><i class="${mark}" style="--colour:${colour}"></i>${name}</li>`,
      );
    return markup`<div class="map"><h4>${heading}</h4><svg viewBox="0 0 ${side} ${side}" data-map="${figure.name}" role="img" tabindex="0" aria-label="${heading}: arrow keys go from mark to mark" font-family="Inter, Helvetica, Arial, sans-serif">${raw(drawn[i] ?? '')}</svg><ul class="legend">${legend}</ul></div>`;
  });
  return {
    ...figure,
    view: markup`<div class="maps">${shown}</div><script type="application/json" data-places="${figure.name}">${scriptJson(data)}</script>`,
    async paper() {
      const { name, title, caption, altText } = figure;
      const layout = planPanels(panels.length, 340);
      const width = Math.min(layout.width, side);
      const body = arrangePanels(
        panels.map(({ heading, groups }, i) => ({
          heading,
          colour: ink.faint,
          block: underMap(drawn[i] ?? '', groups, width),
        })),
        { columns: layout.columns, width },
      );
      return frameFigure(
        { ...body, width: Math.min(body.width, bodyWidth) },
        { name, title, subtitle: caption, altText },
      );
    },
  };
}

function underMap(svg: string, groups: readonly MapGroup[], width: number): Block {
  const entries = groups
    .filter(({ rows, quiet }) => rows.length > 0 && !quiet)
    .map(
      ({ name, colour, mark }): LegendEntry => ({
        text: name,
        colour,
        mark: mark === 'square' ? 'box' : mark,
      }),
    );
  const legend = drawLegend(entries, width);
  return {
    svg: `<g transform="scale(${width / side})">${svg}</g><g transform="translate(0 ${width + 8})">${legend.svg}</g>`,
    width,
    height: width + 8 + legend.height,
  };
}

/** Places in tenths of a unit of the square, both axes in one scale; the far half percent is moved to the rim. */
function placePoints(points: Float32Array): Int32Array {
  const count = points.length / 2;
  const along = (axis: number) => {
    const sorted = points.filter((_, i) => i % 2 === axis).sort();
    const at = (share: number): number => sorted[Math.round(share * (count - 1))] ?? 0;
    return { middle: (at(0.003) + at(0.997)) / 2, half: (at(0.997) - at(0.003)) / 2 };
  };
  const [x, y] = [along(0), along(1)];
  const reach = Math.max(x.half, y.half, 1e-9) * 1.05;
  const place = (value: number, middle: number, sign: number): number => {
    const t = Math.max(-1, Math.min(1, (value - middle) / reach));
    return Math.round(10 * (side / 2 + sign * t * (side / 2 - 8)));
  };
  const places = new Int32Array(points.length);
  for (let row = 0; row < count; row++) {
    places[2 * row] = place(points[2 * row] ?? 0, x.middle, 1);
    places[2 * row + 1] = place(points[2 * row + 1] ?? 0, y.middle, -1);
  }
  return places;
}

function drawMap(groups: readonly MapGroup[], places: Int32Array): string {
  const at = (row: number, axis: number): number => (places[2 * row + axis] ?? 0) / 10;
  const marks = groups.map(({ rows, colour, mark }) => {
    if (rows.length === 0) return '';
    const dot = (row: number): string => `M${at(row, 0)} ${at(row, 1)}h0`;
    const cross = (row: number): string => `M${at(row, 0)} ${at(row, 1)}m-2.4-2.4l4.8 4.8m0-4.8l-4.8 4.8`;
    if (mark === 'square') {
      return `<path d="${rows.map(dot).join('')}" stroke="${colour}" stroke-width="4" stroke-linecap="square" stroke-opacity="0.62" fill="none"/>`;
    }
    return mark === 'dot'
      ? `<path d="${rows.map(dot).join('')}" stroke="${colour}" stroke-width="4.6" stroke-linecap="round" stroke-opacity="0.62" fill="none"/>`
      : `<path d="${rows.map(cross).join('')}" stroke="${colour}" stroke-width="1.5" stroke-opacity="0.9" fill="none"/>`;
  });
  const taken: (readonly [number, number])[] = [];
  const names = groups.map(({ rows, named, name }) => {
    if (!named || rows.length === 0) return '';
    const median = (axis: number): number =>
      rows.map((row) => at(row, axis)).sort((a, b) => a - b)[Math.floor(rows.length / 2)] ?? 0;
    const text = shortenText(name, 90, 12, 600);
    const half = measureText(text, 12, 600) / 2 + 5;
    const x = Math.max(half, Math.min(side - half, median(0)));
    const y = freePlace(x, median(1), taken);
    taken.push([x, y]);
    const drawn = drawText(text, x, y + 4, { size: 12, weight: 600, fill: ink.strong, anchor: 'middle' });
    return `<g stroke="#ffffff" stroke-width="3" paint-order="stroke" stroke-linejoin="round">${drawn}</g>`;
  });
  return `<rect x="0.5" y="0.5" width="${side - 1}" height="${side - 1}" fill="none" stroke="${ink.line}"/>${marks.join('')}${names.join('')}`;
}

/** The height nearest to `wanted`, inside the map, at which a name covers no other. */
function freePlace(x: number, wanted: number, taken: readonly (readonly [number, number])[]): number {
  const inside = (y: number): number => Math.max(12, Math.min(side - 12, y));
  const isFree = (y: number): boolean =>
    !taken.some(([a, b]) => Math.abs(a - x) < 46 && Math.abs(b - y) < 13);
  const moves = Array.from({ length: 50 }, (_, i) =>
    inside(wanted + (i % 2 === 0 ? 1 : -1) * Math.ceil(i / 2) * 7),
  );
  return moves.find(isFree) ?? inside(wanted);
}
