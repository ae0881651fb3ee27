// Files that the user names with --out: tried before the work, written whole or not at all.
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { makeFolder } from '../data/make-folder.ts';
import { OddityError } from '../errors.ts';

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied',
  EPERM: 'the operation is not permitted',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'a file is in the way',
  ENOENT: 'there can be no such folder',
  EISDIR: 'it is a folder',
};

function storageError(path: string, cause: unknown): OddityError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new OddityError(
    'STORAGE',
    `expected to be able to write ${path}, got ${code} (${reasons[code] ?? 'the system refused'}); choose another place, or make room there`,
    { data: { path, code }, cause },
  );
}

/** Finds out before the work whether a file can be written there afterwards. Throws STORAGE. */
export async function checkOutputFile(path: string): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory()) throw storageError(path, { code: 'EISDIR' });
  if (there !== undefined && !there.isFile()) return;
  await checkOutputFolder(dirname(path), path);
}

/** Finds out before the work whether files can be written into a folder, which is made. Throws STORAGE. */
export async function checkOutputFolder(folder: string, path = folder): Promise<void> {
  const probe = join(folder, `.oddity-${randomBytes(4).toString('hex')}.tmp`);
  try {
    await makeFolder(folder);
    await (await open(probe, 'wx')).close();
    await rm(probe);
  } catch (cause) {
    throw storageError(path, cause);
  }
}

/** Writes a file whole or not at all; a pipe or a device is written as it is. Throws STORAGE. */
export function writeOutputFile(path: string, content: string | Uint8Array): Promise<void> {
  return replaceFile(path, (temporary) => writeFile(temporary, content));
}

/**
 * Writes a file piece by piece, whole or not at all, compressed where its name ends in .gz; only the pieces on their
 * way are in memory. Throws STORAGE, what the pieces throw, and the signal's reason once it fires.
 */
export function streamOutputFile(path: string, pieces: Iterable<string>, signal: AbortSignal): Promise<void> {
  return replaceFile(path, async (temporary) => {
    const from = Readable.from(pieces);
    const to = createWriteStream(temporary);
    try {
      if (extname(path).toLowerCase() === '.gz') await pipeline(from, createGzip(), to, { signal });
      else await pipeline(from, to, { signal });
    } catch (cause) {
      throw signal.aborted ? signal.reason : cause;
    }
  });
}

/** Lets `write` make a file beside `path`, which then takes its place, or which is taken away again. */
async function replaceFile(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  const special = there !== undefined && !there.isFile();
  const temporary = special ? path : `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await makeFolder(dirname(path));
    await write(temporary);
    if (!special) await rename(temporary, path);
  } catch (cause) {
    if (!special) await rm(temporary, { force: true }).catch(() => undefined);
    throw cause instanceof OddityError ? cause : storageError(path, cause);
  }
}

/** Checks the ending of a picture's name, and that it can be written. Throws BAD_USAGE, STORAGE. */
export async function checkPictureFile(path: string): Promise<void> {
  if (!['.png', '.svg'].includes(extname(path).toLowerCase())) {
    throw new OddityError('BAD_USAGE', `expected a picture's name ending in .png or .svg, got '${path}'`);
  }
  await checkOutputFile(path);
}

/** Writes a figure as PNG or SVG, as the name's ending says. Throws STORAGE. */
export function writePicture(
  path: string,
  { png, svg = '' }: { readonly png: Uint8Array; readonly svg?: string },
): Promise<void> {
  return writeOutputFile(path, extname(path).toLowerCase() === '.svg' ? svg : png);
}
