// A page written with a bar, and its footer.
import type { Page } from '../../report/page/document.ts';
import type { Context } from '../context.ts';

/** Writes a page and its figures; returns the page's path. Throws STORAGE, ABORTED. */
export async function writeReport(
  context: Context,
  folder: string,
  file: string,
  page: Omit<Page, 'footer'>,
  figures = true,
): Promise<string> {
  const { writePage } = await import('../../report/page/write-page.ts');
  const progress = context.progress();
  const footer = `Made by Oddity on ${new Date().toISOString().slice(0, 10)}. This file needs no network${figures ? '; its figures lie as SVG and PNG in the folder “figures” beside it' : ''}.`;
  try {
    return await writePage(
      folder,
      { ...page, footer },
      {
        file,
        figures,
        signal: context.signal,
        onFigure: (done, total, title) => progress.update(done / total, `drawing for paper: ${title}`),
      },
    );
  } finally {
    progress.stop();
  }
}
