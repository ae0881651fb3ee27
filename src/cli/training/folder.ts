// The folder of a training run: what it holds before, and whether it can be written, before hours are spent.
import { rmdir } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { openFolder } from '#folder';
import { rehearseReplacement } from '../../detect/folder-node.ts';
import type { TensorFile } from '../../detect/safetensors.ts';
import { checkpointFile, loadCheckpoint, manifestFile, refuseForeign } from '../../detect/storage.ts';
import { readCheckpoint } from '../../detect/train.ts';
import { OddityError } from '../../errors.ts';
import { checkOutputFolder } from '../output-file.ts';

export interface FolderFlags {
  readonly out: string;
  readonly resume?: true;
  readonly overwrite?: true;
}

/** What there is to go on with. */
export type Standing = 'nothing' | 'finished' | { readonly checkpoint: TensorFile };

/** Looks at the folder and the flags. Throws BAD_USAGE where they do not fit together. */
export async function readStanding({ out, resume, overwrite }: FolderFlags): Promise<Standing> {
  if (resume && overwrite) {
    throw new OddityError('BAD_USAGE', '--resume goes on, --overwrite starts anew: give one of them');
  }
  await refuseForeign(out);
  const files = await openFolder(out).list();
  const [finished, begun] = [files.includes(manifestFile), files.includes(checkpointFile)];
  if (resume) {
    const checkpoint = begun ? await loadCheckpoint(out) : undefined;
    if (checkpoint !== undefined) return { checkpoint };
    if (finished) return 'finished';
    throw new OddityError('BAD_USAGE', `${out} holds no run to resume; leave --resume out to start one`);
  }
  if (!overwrite && begun) {
    throw new OddityError(
      'BAD_USAGE',
      `${out} holds a run that did not finish; go on with --resume, or start anew with --overwrite`,
    );
  }
  if (!overwrite && finished) {
    throw new OddityError(
      'BAD_USAGE',
      `${out} holds a finished detector; choose another folder, or replace it with --overwrite`,
    );
  }
  return 'nothing';
}

/** The epoch and member that a checkpoint stands at, for people. */
export function describeCheckpoint(checkpoint: TensorFile): string {
  const { member, settings, start } = readCheckpoint(checkpoint);
  const network = settings.members > 1 ? `network ${member + 1} of ${settings.members}, ` : '';
  return `${network}epoch ${start.epoch} of ${settings.epochs}`;
}

/**
 * Tries out, before training, all that saving will do: files in the folder, and the folder's replacement.
 * Returns a function that takes an empty folder away again. Throws STORAGE.
 */
export async function rehearseSaving(out: string): Promise<() => Promise<void>> {
  const folder = openFolder(out);
  const path = resolve(out);
  const before = await folder.list();
  await checkOutputFolder(path, out);
  try {
    await rehearseReplacement(out);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // What a crash left there is in the way here, not when saving.
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return async () => {};
    throw new OddityError(
      'STORAGE',
      `expected a folder that can be replaced as a whole, got ${code} for ${out}; name a new folder inside it, such as ${out}/detector`,
      { data: { out, code }, cause },
    );
  }
  return async () => {
    if (before.length === 0) await rmdir(path).catch(() => {});
  };
}

/** Starting anew: the checkpoint of the run before must not be taken for this one's. */
export function forgetCheckpoint(out: string): Promise<void> {
  return openFolder(out).remove(checkpointFile);
}

/** Only a detector's own files may lie in its folder. Throws BAD_USAGE for pictures in there. */
export function refusePicturesInside(pictures: string | undefined, out: string): void {
  if (pictures === undefined || !`${resolve(pictures)}${sep}`.startsWith(`${resolve(out)}${sep}`)) return;
  throw new OddityError(
    'BAD_USAGE',
    `a detector's folder holds nothing else, so pictures cannot go into ${pictures}; name a folder outside ${out}`,
  );
}
