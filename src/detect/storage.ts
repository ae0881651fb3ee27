// Saving and loading: a detector as a folder, a checkpoint as one file in it.
import { openFolder } from '#folder';
import type { ImageSet } from '../data/dataset.ts';
import type { RowSet } from '../data/rows.ts';
import { OddityError } from '../errors.ts';
import type { SessionOptions } from '../runtime/session.ts';
import { type Detector, type DetectorParts, fileNames, openDetector } from './detector.ts';
import { encodeManifest, parseManifest, sha256 } from './manifest.ts';
import { decodeTensors, encodeTensors, type TensorFile } from './safetensors.ts';

export const manifestFile = 'manifest.json';
export const checkpointFile = 'checkpoint.safetensors';
const ownFiles: readonly string[] = [manifestFile, checkpointFile, ...Object.values(fileNames)];

/** Saves a detector as a folder (Node: a path; browsers: a name), replacing one that is there, all or nothing. */
export async function save({ parts }: Pick<Detector, 'parts'>, folder: string): Promise<void> {
  await refuseForeign(folder);
  const files: Record<string, Uint8Array> = {
    [fileNames.detector]: parts.models.detector,
    [fileNames.encoder]: parts.models.encoder,
    [fileNames.decoder]: parts.models.decoder,
    [fileNames.weights]: encodeTensors(parts.weights),
  };
  const hashes: Record<string, { sha256: string; bytes: number }> = {};
  for (const [name, bytes] of Object.entries(files)) {
    hashes[name] = { sha256: await sha256(bytes), bytes: bytes.length };
  }
  await openFolder(folder).replace({
    ...files,
    [manifestFile]: await encodeManifest(parts.manifest, hashes),
  });
}

/** Loads a detector. Throws BAD_DETECTOR where the folder is none, is damaged, or of a newer version. */
export async function load<Rows extends RowSet = ImageSet>(
  folder: string,
  options: SessionOptions = {},
): Promise<Detector<Rows>> {
  const store = openFolder(folder);
  const manifestBytes = await store.read(manifestFile);
  if (manifestBytes === undefined) {
    const files = await store.list();
    const what = files.includes(checkpointFile)
      ? 'its training did not finish; go on with `oddity train ... --resume`'
      : `it has no ${manifestFile}; expected a folder that \`oddity train --out\` wrote`;
    throw new OddityError('BAD_DETECTOR', `${folder} is no detector: ${what}.`, { data: { folder } });
  }
  const { files, checksum: _, ...manifest } = await parseManifest(manifestBytes, folder);
  const read = async (name: string): Promise<Uint8Array> => {
    const bytes = await store.read(name);
    const expected = files[name];
    const damaged = (what: string): OddityError =>
      new OddityError('BAD_DETECTOR', `${folder}/${name} ${what}; restore it from a copy or train again.`);
    if (bytes === undefined) throw damaged('is missing');
    if (expected === undefined) throw damaged('is not named in the manifest');
    const hash = await sha256(bytes);
    if (hash !== expected.sha256) {
      throw damaged(
        `was changed: expected SHA-256 ${expected.sha256.slice(0, 12)}..., got ${hash.slice(0, 12)}...`,
      );
    }
    return bytes;
  };
  const parts: DetectorParts = {
    manifest,
    models: {
      detector: await read(fileNames.detector),
      encoder: await read(fileNames.encoder),
      decoder: await read(fileNames.decoder),
    },
    weights: decodeTensors(await read(fileNames.weights), `${folder}/${fileNames.weights}`),
  };
  return openDetector<Rows>(parts, options);
}

/** A folder with other people's files in it is not ours to replace. */
export async function refuseForeign(folder: string): Promise<void> {
  const foreign = (await openFolder(folder).list()).filter(
    (name) => !ownFiles.includes(name) && !name.startsWith('.'),
  );
  if (foreign.length === 0) return;
  throw new OddityError(
    'BAD_USAGE',
    `${folder} holds other files (${foreign.slice(0, 3).join(', ')}); choose a new folder for the detector.`,
    { data: { folder, foreign } },
  );
}

/** Writes the checkpoint of a run in progress; a reader sees the old one or the new. */
export function saveCheckpoint(folder: string, checkpoint: TensorFile): Promise<void> {
  return openFolder(folder).write(checkpointFile, encodeTensors(checkpoint));
}

export async function loadCheckpoint(folder: string): Promise<TensorFile | undefined> {
  const bytes = await openFolder(folder).read(checkpointFile);
  return bytes === undefined ? undefined : decodeTensors(bytes, `${folder}/${checkpointFile}`);
}
