// Colours that readers with any colour vision can tell apart: a palette for lines, two maps for numbers.
// Palette: Okabe and Ito, "Color Universal Design" (2008). Inferno: van der Walt and Smith (2015), CC0.

/** An RGB colour, 0..255 each. */
export type Colour = readonly [red: number, green: number, blue: number];

/** The Okabe-Ito colours in the order we use them. */
export const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#17202a'] as const;

/** Blue for what is normal, vermillion for what is not, in every picture. */
export const normalColour = palette[0];
export const anomalousColour = palette[1];

/** The colour of the i-th of several models: first those that mean nothing else. */
export const modelColour = (i: number): string =>
  [...palette.slice(2), ...palette.slice(0, 2)][i % palette.length] ?? palette[2];

/** Real images, in pictures that show models beside them. */
export const realColour = '#66707a';

// Matt Zucker's sixth-degree fit of inferno (CC0), one row per power of t, within 1 % of the table.
const infernoFit: readonly Colour[] = [
  [0.0002189403691192265, 0.001651004631001012, -0.01948089843709184],
  [0.1065134194856116, 0.5639564367884091, 3.932712388889277],
  [11.60249308247187, -3.972853965665698, -15.9423941062914],
  [-41.70399613139459, 17.43639888205313, 44.35414519872813],
  [77.162935699427, -33.40235894210092, -81.80730925738993],
  [-71.31942824499214, 32.62606426397723, 73.20951985803202],
  [25.13112622477341, -12.24266895238567, -23.07032500287172],
];

/** Black over purple and orange to pale yellow, for t in [0, 1]; its lightness grows evenly. */
export function inferno(t: number): Colour {
  const x = clamp(t, 0, 1);
  return channels((c) => infernoFit.reduceRight((sum, row) => sum * x + row[c], 0) * 255);
}

const below: Colour = [0, 83, 148];
const middle: Colour = [247, 247, 247];
const above: Colour = [176, 58, 0];

/** Blue for -1, near-white for 0, vermillion for +1: for numbers whose sign matters. */
export function diverging(t: number): Colour {
  const x = clamp(t, -1, 1);
  const end = x < 0 ? below : above;
  return channels((c) => middle[c] + (end[c] - middle[c]) * Math.abs(x));
}

/** `#rrggbb`, as SVG wants it. */
export function toHex(colour: Colour): string {
  return `#${colour.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

function channels(value: (channel: 0 | 1 | 2) => number): Colour {
  const byte = (channel: 0 | 1 | 2) => clamp(Math.round(value(channel)), 0, 255);
  return [byte(0), byte(1), byte(2)];
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

const viridisSteps: readonly Colour[] = [
  [68, 1, 84],
  [65, 68, 135],
  [42, 120, 142],
  [34, 168, 132],
  [122, 209, 81],
  [253, 231, 37],
];

/** Viridis (van der Walt and Smith 2015, CC0) in straight lines between six of its colours, `#rrggbb`, for t in [0, 1]. */
export function viridis(t: number): string {
  const place = clamp(t, 0, 1) * (viridisSteps.length - 1);
  const [low, high] = [Math.floor(place), Math.ceil(place)].map((i) => viridisSteps[i] ?? middle);
  return toHex(channels((c) => (low?.[c] ?? 0) + ((high?.[c] ?? 0) - (low?.[c] ?? 0)) * (place % 1)));
}
