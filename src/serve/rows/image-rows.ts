// Images from requests: arrays of pixels, or PNG and JPEG files, brought to the shape that a detector knows.
// sharp is loaded when the first file comes.
import { OddityError } from '../../errors.ts';
import type { FlatRows, RowFormat } from './format.ts';
import { describe } from './table-rows.ts';

const refuse = (message: string): OddityError => new OddityError('BAD_DATA', message);

/** Most pixels that a file may hold, whatever its header says. */
export interface ImageLimits {
  readonly maxPixels: number;
}

/**
 * Reads images: nested or flat lists of whole numbers 0..255 in row-major order, channels last, or base64 texts of
 * PNG or JPEG files, `data:` prefix or not. Throws BAD_DATA that names the image.
 */
export async function readImages(
  format: RowFormat,
  images: readonly unknown[],
  limits: ImageLimits,
): Promise<FlatRows> {
  const { width } = format;
  const values = format.allocate(images.length) as Uint8Array<ArrayBuffer>;
  for (const [row, image] of images.entries()) {
    if (typeof image === 'string') {
      const base64 = image.replace(/^data:image\/(?:png|jpeg);base64,/, '');
      if (base64.length % 4 === 1 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
        throw refuse(`image ${row}: expected a PNG or JPEG file in base64, got ${describe(image)}`);
      }
      values.set(
        await decodeFile(format, Buffer.from(base64, 'base64'), `image ${row}`, limits),
        row * width,
      );
    } else fillPixels(values, row * width, image, format, `image ${row}`);
  }
  return { count: images.length, values };
}

/** Reads the bytes of one PNG or JPEG file. Throws BAD_DATA. */
export async function readImageFile(
  format: RowFormat,
  bytes: Uint8Array,
  limits: ImageLimits,
): Promise<FlatRows> {
  return { count: 1, values: await decodeFile(format, bytes, 'the image', limits) };
}

/** Copies nested or flat lists of whole numbers 0..255. Throws BAD_DATA. */
export function fillPixels(
  target: Uint8Array,
  start: number,
  image: unknown,
  { width, shape }: RowFormat,
  name: string,
): void {
  if (!Array.isArray(image)) {
    throw refuse(`${name}: expected pixels in lists or a file in base64, got ${describe(image)}`);
  }
  const flat: unknown[] = image.length === width ? image : image.flat(2);
  if (flat.length !== width) {
    throw refuse(
      `${name}: expected ${shape.join(' x ')} pixels (height x width x channels), ${width} numbers, got ${flat.length}`,
    );
  }
  for (let i = 0; i < width; i++) {
    const pixel = flat[i];
    if (typeof pixel !== 'number' || !(pixel >= 0 && pixel <= 255) || !Number.isInteger(pixel)) {
      throw refuse(`${name}, position ${i}: expected a whole number 0 to 255, got ${describe(pixel)}`);
    }
    target[start + i] = pixel;
  }
}

async function decodeFile(
  { shape: [height, width, channels] }: RowFormat,
  bytes: Uint8Array,
  name: string,
  { maxPixels }: ImageLimits,
): Promise<Uint8Array<ArrayBuffer>> {
  const isPng = bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47;
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
  if (!isPng && !isJpeg) throw refuse(`${name}: expected a PNG or JPEG file, got other bytes`);
  const { default: sharp } = await import('sharp');
  let found: { height: number; width: number };
  try {
    const picture = sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error', pages: 1 });
    const { height: h, width: w } = await picture.metadata();
    found = { height: h, width: w };
    if (h === height && w === width) {
      // Grey of a colour picture, or colour of a grey one, as the detector wants; transparency is laid on black.
      const opaque = channels === 4 ? picture.ensureAlpha() : picture.flatten({ background: '#000' });
      const coloured = opaque.toColourspace(channels < 3 ? 'b-w' : 'srgb');
      const raw = await coloured.raw({ depth: 'uchar' }).toBuffer();
      if (raw.length === height * width * channels) return new Uint8Array(raw);
      throw refuse(`${name}: expected ${channels} channels, got ${raw.length / (height * width)}`);
    }
  } catch (cause) {
    if (cause instanceof OddityError) throw cause;
    const reason = (cause as Error).message.split('\n')[0] ?? '';
    throw new OddityError(
      'BAD_DATA',
      `${name}: expected an intact PNG or JPEG file, got a damaged or too large one (${reason})`,
      { cause },
    );
  }
  throw refuse(
    `${name}: expected ${height} x ${width} pixels (height x width), got ${found.height} x ${found.width}; resize it`,
  );
}
