// Text in columns, for terminals.

/** Aligns rows into columns `gap` spaces apart; `pad` fills a cell up to its column's width. */
function align(
  rows: readonly (readonly string[])[],
  gap: number,
  pad: (cell: string, width: number, column: number) => string,
): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return rows
    .map((row) =>
      row
        .map((cell, i) => pad(cell, widths[i] ?? 0, i))
        .join(' '.repeat(gap))
        .trimEnd(),
    )
    .join('\n');
}

/** Aligns rows into columns two spaces apart: the first to the left, the others to the right. */
export const alignRows = (rows: readonly (readonly string[])[], gap = 2): string =>
  align(rows, gap, (cell, width, i) => (i === 0 ? cell.padEnd(width) : cell.padStart(width)));

/** Aligns rows into columns two spaces apart, all to the left. */
export const alignLeft = (rows: readonly (readonly string[])[], gap = 2): string =>
  align(rows, gap, (cell, width) => cell.padEnd(width));

/** Names and what is said of them, in two columns, both to the left. */
export function alignPairs(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, text]) => `${name.padEnd(width)}  ${text}`.trimEnd()).join('\n');
}

/** A text broken at spaces into lines of at most `width` characters. */
export function wrapWords(text: string, width = 100): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}
