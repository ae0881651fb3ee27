// Folders on disk. Files are written beside their place and renamed into it; a whole folder likewise.
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { OddityError } from '../errors.ts';
import type { OpenFolder } from './folder.ts';

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException)?.code;
const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space',
  EDQUOT: 'the disk quota is used up; free some space',
  EROFS: 'the disk is read-only; choose another folder',
  EACCES: 'permission is denied; choose another folder or change its owner',
  EPERM: 'the operation is not permitted; choose another folder',
  ENOTDIR: 'a part of the path is a file; choose another folder',
  ENOENT: 'a part of the path cannot be made; choose another folder',
  EEXIST: 'a file of that name is in the way; choose another folder',
};

function storageError(path: string, cause: unknown): OddityError {
  const code = codeOf(cause) ?? 'unknown error';
  const reason = reasons[code] ?? `the system said ${code}`;
  return new OddityError('STORAGE', `Could not write ${path}: ${reason}. Nothing saved before was changed.`, {
    cause,
    data: { path, code },
  });
}

/** Makes a folder and its parents. Not mkdir's own `recursive`, which on Node 20 never returns under /proc. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    const parent = dirname(path);
    if (codeOf(error) !== 'ENOENT' || parent === path) throw error;
    await makeFolder(parent);
    await mkdir(path).catch((again) => {
      if (codeOf(again) !== 'EEXIST') throw again;
    });
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export const openFolder: OpenFolder = (name) => {
  const path = resolve(name);
  // A replacement moves the old folder here for an instant; found alone, it is what a crash left behind.
  const retired = `${path}.replaced`;
  const recover = async (): Promise<void> => {
    await rename(retired, path).catch((error) => {
      // ENOTEMPTY: the replacement had finished, only the old one was not yet removed.
      if (!isMissing(error) && codeOf(error) !== 'ENOTEMPTY') throw storageError(path, error);
    });
  };
  return {
    name,
    async read(file) {
      await recover();
      return readFile(join(path, file)).catch((error) => {
        if (isMissing(error)) return undefined;
        throw new OddityError('STORAGE', `Could not read ${join(name, file)}: ${codeOf(error)}.`, {
          cause: error,
        });
      });
    },
    async write(file, bytes) {
      const temporary = join(path, `.${file}.${randomBytes(4).toString('hex')}.part`);
      try {
        await makeFolder(path);
        await writeDurably(temporary, bytes);
        await rename(temporary, join(path, file));
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => {});
        throw storageError(join(name, file), error);
      }
    },
    async replace(files) {
      const temporary = `${path}.${randomBytes(4).toString('hex')}.part`;
      try {
        await recover();
        await makeFolder(dirname(path));
        await mkdir(temporary);
        for (const [file, bytes] of Object.entries(files)) await writeDurably(join(temporary, file), bytes);
        await rename(path, retired).catch((error) => {
          if (!isMissing(error)) throw error;
        });
        await rename(temporary, path);
      } catch (error) {
        await rm(temporary, { recursive: true, force: true }).catch(() => {});
        await recover().catch(() => {});
        throw storageError(name, error);
      }
      await rm(retired, { recursive: true, force: true });
    },
    async remove(file) {
      await rm(join(path, file), { force: true });
    },
    async list() {
      await recover();
      return readdir(path).catch((error) => {
        if (isMissing(error)) return [];
        throw new OddityError('STORAGE', `Could not read the folder ${name}: ${codeOf(error)}.`, {
          cause: error,
        });
      });
    },
  };
};
