// HTML that cannot forget to escape: what a template is given is text unless it is markup already.

/** A piece of HTML that is safe to put into a page. */
export interface Markup {
  readonly html: string;
}

export type Content = Markup | string | number | undefined | readonly Content[];

/** Escapes a text for HTML content and quoted attributes; control characters go. */
export function escapeHtml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');
}

/** Trusts a text as HTML: drawings and data of our own. */
export const raw = (html: string): Markup => ({ html });

/** `html` with text between tags and in quoted attributes; values are escaped, markup and lists of it are not. */
export function markup(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return { html: parts.map((part, i) => part + render(values[i])).join('') };
}

function render(content: Content): string {
  if (content === undefined) return '';
  if (typeof content === 'string') return escapeHtml(content);
  if (typeof content === 'number') return String(content);
  return isList(content) ? content.map(render).join('') : content.html;
}

const isList = (content: Content): content is readonly Content[] => Array.isArray(content);

/** Joins pieces. */
export const join = (pieces: readonly Content[]): Markup => markup`${pieces}`;

/** JSON for a `<script type="application/json">`: no text in it can end the element. */
export const scriptJson = (value: unknown): Markup => raw(JSON.stringify(value).replace(/</g, '\\u003c'));
