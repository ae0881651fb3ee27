// A picture of a report: how it looks in a page, how it looks on paper, and its numbers.
import type { Figure } from '../figure.ts';
import { csvAddress, type DataTable } from './data-table.ts';
import { type Markup, markup } from './markup.ts';

export interface ReportFigure {
  /** Kebab-case, unique in a report: file name and anchor. */
  readonly name: string;
  /** States what the picture shows. */
  readonly title: string;
  /** How to read it, how it was made. */
  readonly caption?: string | undefined;
  /** What it shows, in words with numbers. */
  readonly altText: string;
  readonly view: Markup;
  /** What it was drawn from; images take theirs from their own pixels. */
  readonly table?: DataTable | undefined;
  /** The same as SVG and PNG. */
  paper(): Promise<Figure>;
}

/** A figure with its title, its caption, and a link to its data. */
export function showFigure({ name, title, caption, altText, view, table }: ReportFigure): Markup {
  const data =
    table === undefined
      ? markup`<a class="data" href="#${name}" data-pixels="${name}">Pixels as CSV</a>`
      : markup`<a class="data" href="${csvAddress(table)}" download="${name}.csv">Data as CSV</a>`;
  const note = caption === undefined || caption === '' ? undefined : markup`<p>${caption}</p>`;
  return markup`<figure id="${name}" aria-labelledby="${name}-title" aria-describedby="${name}-alt">
<figcaption><h3 id="${name}-title">${title}</h3>${note}</figcaption>
${view}
<p class="alt" id="${name}-alt">${altText}</p>
${data}
</figure>
`;
}
