// A table with a bar in every cell, so that numbers are compared at a glance.
import { type Markup, markup } from './markup.ts';

export interface BarCell {
  readonly text: string;
  /** How long the bar is, 0..1; none without it. */
  readonly share?: number | undefined;
}

export interface BarTableOptions {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly {
    readonly name: string;
    readonly note?: string;
    readonly cells: readonly BarCell[];
  }[];
}

export function barTable({ caption, columns, rows }: BarTableOptions): Markup {
  const head = columns.map((name) => markup`<th scope="col">${name}</th>`);
  const body = rows.map(({ name, note, cells }) => {
    const drawn = cells.map(({ text, share }) => {
      const percent =
        share === undefined || !Number.isFinite(share)
          ? undefined
          : Math.round(100 * Math.max(0, Math.min(1, share)));
      return markup`<td>${text}${percent === undefined ? undefined : markup`<b style="--share:${percent}%"></b>`}</td>`;
    });
    return markup`<tr><th scope="row">${name}${note === undefined ? undefined : markup`<br><span class="soft">${note}</span>`}</th>${drawn}</tr>`;
  });
  return markup`<div class="scroll"><table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}
