// Folders on disk. Files are written beside their place and renamed into it; a whole folder likewise.
import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { makeFolder } from '../data/make-folder.ts';
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

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

function readError(what: string, cause: unknown): OddityError {
  return new OddityError('STORAGE', `Could not read ${what}: ${codeOf(cause)}; check its permissions.`, {
    cause,
  });
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

/** Where a replacement keeps the old folder for an instant, and where it prepares the new one. */
function asides(path: string): { retired: string; coming: string } {
  const beside = (purpose: string): string => join(dirname(path), `.${basename(path)}.oddity-${purpose}`);
  return { retired: beside('old'), coming: beside('new') };
}

/** Moves an existing folder aside and back, as `replace` will; throws the system's error where that cannot be. */
export async function rehearseReplacement(name: string): Promise<void> {
  const path = resolve(name);
  const { retired } = asides(path);
  await rename(path, retired);
  await rename(retired, path);
}

export const openFolder: OpenFolder = (name) => {
  const path = resolve(name);
  // An old folder found without its successor is what a crash left behind.
  const { retired, coming } = asides(path);
  /** Readers look where the files are now, and move nothing: a writer may be at work. */
  const current = async (): Promise<string> =>
    (await exists(path)) || !(await exists(retired)) ? path : retired;
  /** Writers first finish or undo what a crash interrupted. */
  const recover = async (): Promise<void> => {
    if ((await exists(retired)) && !(await exists(path))) await rename(retired, path);
    await rm(retired, { recursive: true, force: true });
    await rm(coming, { recursive: true, force: true });
  };
  return {
    name,
    async read(file) {
      return readFile(join(await current(), file)).catch((error) => {
        if (isMissing(error)) return undefined;
        throw readError(join(name, file), error);
      });
    },
    async write(file, bytes) {
      const temporary = join(path, `.${file}.${randomBytes(4).toString('hex')}.part`);
      try {
        await recover();
        await makeFolder(path);
        await writeDurably(temporary, bytes);
        await rename(temporary, join(path, file));
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => {});
        throw storageError(join(name, file), error);
      }
    },
    async replace(files) {
      try {
        await makeFolder(dirname(path));
        await recover();
        await mkdir(coming);
        for (const [file, bytes] of Object.entries(files)) await writeDurably(join(coming, file), bytes);
        if (await exists(path)) await rename(path, retired);
        await rename(coming, path);
      } catch (error) {
        await recover().catch(() => {});
        throw storageError(name, error);
      }
      await rm(retired, { recursive: true, force: true });
    },
    async remove(file) {
      await rm(join(path, file), { force: true });
    },
    async list() {
      return readdir(await current()).catch((error) => {
        if (isMissing(error)) return [];
        throw readError(`the folder ${name}`, error);
      });
    },
  };
};
