// SVG text in, PNG bytes out, with our own typeface and nothing from the machine.
// Apart because it is the only importer of resvg, whose binary some machine may lack.

import sharp from 'sharp';
import { OddityError } from '../errors.ts';
import { fontFiles } from './font.ts';

/** PNG pixels per SVG pixel: pictures stay sharp on dense screens. */
export const pngZoom = 2;

/** A drawn picture: PNG bytes and their size in pixels. */
export interface Raster {
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * Draws an SVG on white at `pngZoom` times its size, off the calling thread.
 * @throws OddityError UNSUPPORTED where resvg has no binary for this machine, BAD_DATA for an SVG it cannot read.
 */
export async function svgToPng(svg: string): Promise<Raster> {
  const { renderAsync } = await loadResvg();
  let image: Awaited<ReturnType<typeof renderAsync>>;
  try {
    image = await renderAsync(svg, {
      background: '#ffffff',
      fitTo: { mode: 'zoom', value: pngZoom },
      font: {
        loadSystemFonts: false,
        fontFiles: fontFiles(),
        defaultFontFamily: 'Inter',
        sansSerifFamily: 'Inter',
      },
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OddityError('BAD_DATA', `expected an SVG that can be drawn, got one that cannot: ${reason}`, {
      cause,
    });
  }
  const { width, height } = image;
  const buffer = await sharp(image.pixels, { raw: { width, height, channels: 4 } })
    .removeAlpha()
    .png({ compressionLevel: 9 })
    .toBuffer();
  return { png: new Uint8Array(buffer), width, height };
}

async function loadResvg(): Promise<typeof import('@resvg/resvg-js')> {
  try {
    return await import('@resvg/resvg-js');
  } catch (cause) {
    throw new OddityError(
      'UNSUPPORTED',
      `pictures need @resvg/resvg-js, which has no binary here (${process.platform} ${process.arch}); reinstall with optional dependencies, or do without pictures`,
      { cause },
    );
  }
}
