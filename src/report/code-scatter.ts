// Where images lie in latent space: points in two dimensions, coloured and named by class, a panel for each model.

import { OddityError } from '../errors.ts';
import { chartText, drawChart } from './chart.ts';
import { classColour, classSymbol, drawClassLegend } from './class-marks.ts';
import { type Block, type Figure, type FigureOptions, frameFigure, ink } from './figure.ts';
import { measureText, shortenText } from './font.ts';
import { formatShare } from './format.ts';
import { arrangePanels, type Panel, planPanels } from './panels.ts';

/** The codes of one model. */
export interface CodePanel {
  readonly heading: string;
  readonly colour: string;
  /** [count, 2] */
  readonly points: Float32Array;
  readonly labels: Uint8Array;
  /** Share of the codes' variance that the two axes explain. */
  readonly explained: number;
}

export interface CodeScatterOptions extends FigureOptions {
  readonly classNames: readonly string[];
}

const mostPoints = 1000;
const nameSize = 12.5;
const nameHeight = 15;

/**
 * Draws at most 1,000 points of each model, both axes in one scale; each class has its colour and shape, and its name
 * near its median. Throws BAD_DATA for no model.
 */
export async function codeScatter(
  models: readonly CodePanel[],
  { classNames, ...options }: CodeScatterOptions,
): Promise<Figure> {
  const { name = 'codes', title = 'Codes of test images on their two principal axes', subtitle } = options;
  if (models.length === 0) throw new OddityError('BAD_DATA', 'a scatter of codes needs a model, got none');
  const layout = planPanels(models.length, 340);
  const panels = await Promise.all(
    models.map(
      async (model): Promise<Panel> => ({
        heading: `${model.heading}: ${formatShare(model.explained)} of the variance`,
        colour: model.colour,
        block: await drawCodes(model, classNames, layout.width),
      }),
    ),
  );
  const present = [...new Set(models.flatMap(({ labels }) => [...new Set(labels)]))].sort((a, b) => a - b);
  const legend = drawClassLegend(present, classNames);
  const body = arrangePanels(panels, layout);
  const said = models.map(
    ({ heading, labels, explained }) =>
      `${heading}: ${labels.length} codes, the two axes explain ${formatShare(explained)} of their variance`,
  );
  const altText = `${title}. ${said.join('; ')}.`;
  return frameFigure(
    {
      svg: `${legend.svg}<g transform="translate(0 ${legend.height + 12})">${body.svg}</g>`,
      width: Math.max(body.width, legend.width),
      height: body.height + legend.height + 12,
    },
    { name, title, subtitle, altText },
  );
}

/** The square that shows nearly all points in one scale: its centre, and half its side. */
function frameOf(points: Float32Array): { center: readonly [number, number]; reach: number } {
  const along = (axis: number): { middle: number; half: number } => {
    const sorted = points.filter((_, i) => i % 2 === axis).sort();
    const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
    return { middle: (at(0.003) + at(0.997)) / 2, half: (at(0.997) - at(0.003)) / 2 };
  };
  const [x, y] = [along(0), along(1)];
  return { center: [x.middle, y.middle], reach: Math.max(x.half, y.half, 1e-6) * 1.06 };
}

function drawCodes(
  { points, labels }: CodePanel,
  classNames: readonly string[],
  width: number,
): Promise<Block> {
  const side = Math.min(360, width);
  const { center, reach } = frameOf(points);
  const rows = Array.from({ length: Math.min(mostPoints, labels.length) }, (_, row) => row);
  const present = [...new Set(rows.map((row) => labels[row] ?? 0))].sort((a, b) => a - b);
  const of = (label: number): [number, number][] =>
    rows.flatMap((row) => (labels[row] === label ? [[points[2 * row] ?? 0, points[2 * row + 1] ?? 0]] : []));
  const axis = (i: 0 | 1) => ({
    type: 'value',
    min: center[i] - reach,
    max: center[i] + reach,
    axisLabel: { show: false },
    axisTick: { show: false },
    splitLine: { show: false },
    axisLine: { show: false },
  });
  const scale = side / (2 * reach);
  const names = placeNames(
    present.map((label) => {
      const own = of(label);
      // A class of two clusters has no point at its mean.
      const median = (i: 0 | 1): number =>
        own.map((point) => point[i]).sort((a, b) => a - b)[Math.floor(own.length / 2)] ?? 0;
      return {
        text: shortenText(classNames[label] ?? String(label), 90, nameSize, 600),
        x: (median(0) - center[0]) * scale,
        y: (median(1) - center[1]) * scale,
      };
    }),
  );
  return drawChart(
    {
      grid: { left: 1, right: 1, top: 1, bottom: 1, show: true, borderColor: ink.line },
      xAxis: axis(0),
      yAxis: axis(1),
      series: [
        ...present.map((label) => ({
          type: 'scatter',
          data: of(label),
          clip: true,
          symbol: classSymbol(label),
          symbolSize: classSymbol(label) === 'circle' ? 5 : 6.5,
          itemStyle: { color: classColour(label), opacity: 0.55 },
        })),
        {
          type: 'scatter',
          data: names.map(({ text, x, y }) => ({
            value: [center[0] + x / scale, center[1] + y / scale],
            label: { formatter: text },
          })),
          symbolSize: 0,
          z: 10,
          label: {
            ...chartText,
            show: true,
            position: 'inside',
            fontSize: nameSize,
            fontWeight: 600,
            color: ink.strong,
            textBorderColor: '#ffffff',
            textBorderWidth: 4,
          },
        },
      ],
    },
    side,
    side,
  );
}

interface PlacedName {
  readonly text: string;
  /** Middle of the text, in pixels. */
  readonly x: number;
  readonly y: number;
}

/** Moves names up or down, as little as it takes, until none covers another. */
function placeNames(names: readonly PlacedName[]): PlacedName[] {
  const placed: PlacedName[] = [];
  const covers = (a: PlacedName, b: PlacedName): boolean =>
    Math.abs(a.y - b.y) < nameHeight &&
    Math.abs(a.x - b.x) < (measureText(a.text, nameSize, 600) + measureText(b.text, nameSize, 600)) / 2 + 4;
  for (const name of [...names].sort((a, b) => a.y - b.y)) {
    const moves = Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 2 * i : -2 * i));
    const free = moves
      .map((move) => ({ ...name, y: name.y + move }))
      .find((moved) => !placed.some((other) => covers(moved, other)));
    placed.push(free ?? name);
  }
  return placed;
}
