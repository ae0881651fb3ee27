// A page in one file: no network, no fonts or scripts from elsewhere; a policy in its head says so to the browser.
import sharp from 'sharp';
import type { ImageSet } from '../../data/dataset.ts';
import { join, type Markup, markup, raw, scriptJson } from './markup.ts';
import { type ReportFigure, showFigure } from './report-figure.ts';
import { script } from './script.ts';
import { style } from './style.ts';

/** A part of a page: words, then figures with words between them. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: readonly (Markup | ReportFigure)[];
}

export interface Page {
  readonly title: string;
  readonly subtitle: string;
  /** What stands before the first section: the answers in short. */
  readonly summary: Markup;
  readonly sections: readonly Section[];
  readonly footer: string;
  /** Images that maps show under the pointer. */
  readonly thumbs?: ImageSet | undefined;
}

export const isFigure = (piece: Markup | ReportFigure): piece is ReportFigure => 'view' in piece;

/** All figures of a page in order. */
export const figuresOf = ({ sections }: Page): ReportFigure[] =>
  sections.flatMap(({ content }) => content.filter(isFigure));

/** The page as one HTML text. */
export async function showPage({
  title,
  subtitle,
  summary,
  sections,
  footer,
  thumbs,
}: Page): Promise<string> {
  const shown = sections.filter(({ content }) => content.length > 0);
  const sprite = thumbs === undefined || thumbs.count === 0 ? undefined : await drawSprite(thumbs);
  const thumbStyle = sprite === undefined ? '' : `.thumb{background-image:url(${sprite.uri})}`;
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${title}</title>
<style>${raw(style)}${raw(thumbStyle)}</style>
</head>
<body>
<header><h1>${title}</h1><p class="soft">${subtitle}</p>${summary}</header>
<nav aria-label="Contents"><ol>${shown.map(({ id, title: name }) => markup`<li><a href="#${id}">${name}</a></li>`)}</ol></nav>
<main>
${shown.map(showSection)}
</main>
<footer>${footer}</footer>
<div id="hover" role="status"></div>
${sprite === undefined ? undefined : markup`<script type="application/json" id="sprite">${scriptJson(sprite.layout)}</script>`}
<script>${raw(script)}</script>
</body>
</html>
`;
  return page.html;
}

function showSection({ id, title, content }: Section): Markup {
  const pieces = content.map((piece) => (isFigure(piece) ? showFigure(piece) : piece));
  return markup`<section id="${id}"><h2>${title}</h2>
${join(pieces)}</section>
`;
}

/** All images in one PNG, row by row. */
async function drawSprite({ shape, count, pixels }: ImageSet) {
  const [height, width, channels] = shape;
  const columns = Math.ceil(Math.sqrt(count));
  const rows = Math.ceil(count / columns);
  const kept = channels === 3 ? 3 : 1;
  const joined = new Uint8Array(columns * width * rows * height * kept);
  for (let image = 0; image < count; image++) {
    const [left, top] = [(image % columns) * width, Math.floor(image / columns) * height];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const from = ((image * height + y) * width + x) * channels;
        const to = ((top + y) * columns * width + left + x) * kept;
        for (let channel = 0; channel < kept; channel++) joined[to + channel] = pixels[from + channel] ?? 0;
      }
    }
  }
  const raw = { width: columns * width, height: rows * height, channels: kept as 1 | 3 };
  const png = await sharp(joined, { raw })
    .png({ compressionLevel: 9, palette: true, colours: 16 })
    .toBuffer();
  return { uri: `data:image/png;base64,${png.toString('base64')}`, layout: { width, height, columns } };
}
