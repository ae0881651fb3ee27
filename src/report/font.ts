// The one typeface of all pictures, Inter, taken from its npm package: a bare machine needs no system fonts.
// Apart so that layouts can measure text without drawing it.

import { createRequire } from 'node:module';

/** The family list written into every SVG; browsers without Inter fall back on their own. */
export const fontFamily = 'Inter, Helvetica, Arial, sans-serif';

/** How heavy a text is: 400 for running text, 600 for headings. */
export type FontWeight = 400 | 600;

/** Absolute paths of the two font files, found through the package wherever npm has put it. */
export function fontFiles(): string[] {
  const { resolve } = createRequire(import.meta.url);
  return [
    resolve('@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf'),
    resolve('@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf'),
  ];
}

// Advance widths of ' ' to '~' in thousandths of an em, from the fonts' hmtx tables.
const advances: Record<FontWeight, readonly number[]> = {
  400: [
    281, 288, 466, 633, 642, 982, 644, 300, 365, 365, 501, 662, 288, 460, 288, 360, 631, 407, 610, 618, 646,
    593, 620, 566, 619, 620, 288, 302, 662, 662, 662, 511, 966, 690, 654, 730, 722, 601, 590, 746, 743, 269,
    571, 672, 565, 903, 753, 765, 639, 765, 644, 642, 646, 744, 690, 985, 682, 679, 629, 365, 360, 365, 471,
    456, 323, 562, 612, 571, 612, 583, 370, 613, 591, 242, 242, 549, 242, 876, 591, 600, 612, 612, 376, 528,
    327, 591, 562, 818, 546, 562, 552, 426, 333, 426, 662,
  ],
  600: [
    252, 321, 523, 644, 650, 1004, 663, 326, 373, 373, 540, 673, 319, 465, 319, 379, 660, 423, 623, 636, 666,
    612, 640, 576, 640, 640, 319, 329, 673, 673, 673, 543, 999, 728, 659, 737, 722, 605, 588, 749, 746, 277,
    580, 703, 565, 922, 759, 769, 645, 773, 652, 650, 660, 736, 728, 1020, 720, 713, 652, 373, 379, 373, 481,
    469, 351, 574, 624, 583, 624, 591, 389, 625, 612, 262, 262, 569, 262, 900, 612, 609, 624, 624, 397, 549,
    353, 612, 587, 839, 569, 588, 566, 455, 359, 455, 673,
  ],
};

/** Width of a text in pixels at a font size; a character outside ASCII counts as 0.65 em. */
export function measureText(text: string, size: number, weight: FontWeight = 400): number {
  const widths = advances[weight];
  let sum = 0;
  for (const character of text) sum += widths[character.charCodeAt(0) - 32] ?? 650;
  return (sum * size) / 1000;
}

/** The text itself, or its beginning and an ellipsis where it is wider than `width` pixels. */
export function shortenText(text: string, width: number, size: number, weight: FontWeight = 400): string {
  if (measureText(text, size, weight) <= width) return text;
  const characters = [...text];
  while (characters.length > 1 && measureText(`${characters.join('')}…`, size, weight) > width)
    characters.pop();
  return `${characters.join('').trimEnd()}…`;
}

/** The text broken at spaces into lines of at most `width` pixels; a longer word is shortened. */
export function wrapText(text: string, width: number, size: number, weight: FontWeight = 400): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const last = lines.at(-1);
    if (last !== undefined && measureText(`${last} ${word}`, size, weight) <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(shortenText(word, width, size, weight));
  }
  return lines;
}
