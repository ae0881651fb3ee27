// A table with a bar in every cell, so that numbers are compared at a glance; the best of a row is marked.
import { csvAddress } from './data-table.ts';
import { type Markup, markup } from './markup.ts';

export interface BarCell {
  readonly text: string;
  /** How long the bar is, 0..1; none without it. */
  readonly share?: number | undefined;
  /** Better than the others of its row. */
  readonly isBest?: boolean | undefined;
}

export interface BarRow {
  readonly name: string;
  readonly note?: string;
  readonly cells: readonly BarCell[];
}

export interface BarTableOptions {
  /** Kebab-case, unique in a page: the name of its CSV. */
  readonly name: string;
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly BarRow[];
}

export interface GroupedTableOptions extends Omit<BarTableOptions, 'rows'> {
  readonly groups: readonly { readonly title: string; readonly rows: readonly BarRow[] }[];
}

export const barTable = ({ rows, ...table }: BarTableOptions): Markup =>
  frameTable(table, rows, [markup`<tbody>${rows.map(showRow)}</tbody>`]);

/** Rows in groups under headings, all in the same columns. */
export const groupedTable = ({ groups, ...table }: GroupedTableOptions): Markup =>
  frameTable(
    table,
    groups.flatMap(({ rows }) => rows),
    groups.map(
      ({ title, rows }) =>
        markup`<tbody><tr class="group"><th colspan="${table.columns.length}" scope="rowgroup">${title}</th></tr>${rows.map(showRow)}</tbody>`,
    ),
  );

function frameTable(
  { name, caption, columns }: Omit<BarTableOptions, 'rows'>,
  rows: readonly BarRow[],
  bodies: readonly Markup[],
): Markup {
  const csv = csvAddress({
    columns,
    rows: rows.map((row) => [row.name, ...row.cells.map(({ text }) => text)]),
  });
  const head = columns.map((name) => markup`<th scope="col">${name}</th>`);
  return markup`<div class="scroll"><table><caption>${caption}</caption><thead><tr>${head}</tr></thead>${bodies}</table></div><a class="data" href="${csv}" download="${name}.csv">Table as CSV</a>`;
}

function showRow({ name, note, cells }: BarRow): Markup {
  const drawn = cells.map(({ text, share, isBest }) => {
    const percent =
      share === undefined || !Number.isFinite(share)
        ? undefined
        : Math.round(100 * Math.max(0, Math.min(1, share)));
    const bar = percent === undefined ? undefined : markup`<b style="--share:${percent}%"></b>`;
    return isBest
      ? markup`<td><strong title="the best of the models">✓ ${text}</strong>${bar}</td>`
      : markup`<td>${text}${bar}</td>`;
  });
  const said = note === undefined || note === '' ? undefined : markup`<br><span class="soft">${note}</span>`;
  return markup`<tr><th scope="row">${name}${said}</th>${drawn}</tr>`;
}
