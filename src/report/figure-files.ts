// Figures on disk: each PNG, and its SVG, appears whole or not at all.

import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeFolder } from '../data/make-folder.ts';
import { OddityError } from '../errors.ts';
import type { Figure } from './figure.ts';

/**
 * Writes `name.png`, and `name.svg` where there is one, for each figure; makes the folder and replaces older files.
 * @returns the paths written, in the order of the figures, PNG before SVG.
 * @throws OddityError BAD_USAGE for a name that is no kebab-case or comes twice, STORAGE when the disk refuses.
 */
export async function writeFigures(folder: string, figures: readonly Figure[]): Promise<string[]> {
  const names = new Set<string>();
  for (const { name } of figures) {
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
      throw new OddityError('BAD_USAGE', `a figure's name must be kebab-case (a-z, 0-9, -), got "${name}"`);
    }
    if (names.has(name)) {
      throw new OddityError('BAD_USAGE', `two figures are called "${name}"; give each its own name`);
    }
    names.add(name);
  }
  const paths: string[] = [];
  try {
    await makeFolder(resolve(folder));
    for (const { name, png, svg } of figures) {
      paths.push(await writeWhole(join(folder, `${name}.png`), png));
      if (svg !== undefined) paths.push(await writeWhole(join(folder, `${name}.svg`), svg));
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new OddityError('STORAGE', `cannot write pictures into ${folder}: ${reason}`, {
      data: { folder },
      cause,
    });
  }
  return paths;
}

async function writeWhole(path: string, content: Uint8Array | string): Promise<string> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  return path;
}
