// A page on disk: one HTML file, and beside it its figures as SVG and PNG for a paper.
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../data/make-folder.ts';
import { OddityError } from '../../errors.ts';
import { writeFigures } from '../figure-files.ts';
import { figuresOf, type Page, showPage } from './document.ts';

export interface WritePageOptions {
  /** Its name in the folder. */
  readonly file: string;
  /** Whether the figures for paper are written too; they take about half a second each. */
  readonly figures?: boolean;
  readonly signal?: AbortSignal;
  /** Told before each figure is drawn for paper. */
  readonly onFigure?: (done: number, total: number, title: string) => void;
}

/** Writes the page, then the figures, each whole or not at all; returns the page's path. Throws STORAGE, ABORTED. */
export async function writePage(folder: string, page: Page, options: WritePageOptions): Promise<string> {
  const path = join(folder, options.file);
  const temporary = `${path}.${process.pid}.tmp`;
  const html = await showPage(page);
  try {
    await makeFolder(folder);
    await writeFile(temporary, html);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new OddityError('STORAGE', `cannot write ${path}: ${(cause as Error).message.split('\n')[0]}`, {
      data: { path },
      cause,
    });
  }
  const figures = options.figures === false ? [] : figuresOf(page);
  for (const [i, figure] of figures.entries()) {
    options.signal?.throwIfAborted();
    options.onFigure?.(i, figures.length, figure.title);
    await writeFigures(join(folder, 'figures'), [await figure.paper()]);
  }
  return path;
}
