// Folders in a browser's private file system (OPFS), which replaces a file only when its writer closes.
import { OddityError } from '../errors.ts';
import type { OpenFolder } from './folder.ts';

async function directory(name: string, create: boolean): Promise<FileSystemDirectoryHandle | undefined> {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(name.replaceAll('/', '.'), { create }).catch((error) => {
    if (error instanceof DOMException && error.name === 'NotFoundError') return undefined;
    throw new OddityError('STORAGE', `Could not open '${name}' in the browser's storage.`, { cause: error });
  });
}

export const openFolder: OpenFolder = (name) => ({
  name,
  async read(file) {
    const handle = await (await directory(name, false))?.getFileHandle(file).catch(() => undefined);
    return handle === undefined ? undefined : new Uint8Array(await (await handle.getFile()).arrayBuffer());
  },
  async write(file, bytes) {
    const handle = await (await directory(name, true))?.getFileHandle(file, { create: true });
    const writer = await handle?.createWritable();
    await writer?.write(bytes.slice());
    await writer?.close();
  },
  async replace(files) {
    // The manifest goes last: until it is there, a reader sees hashes that do not match and refuses.
    const names = Object.keys(files).sort(
      (a, b) => Number(a === 'manifest.json') - Number(b === 'manifest.json'),
    );
    for (const file of names) await this.write(file, files[file] ?? new Uint8Array());
    for (const file of await this.list()) if (!(file in files)) await this.remove(file);
  },
  async remove(file) {
    await (await directory(name, false))?.removeEntry(file).catch(() => {});
  },
  async list() {
    const names: string[] = [];
    const folder = await directory(name, false);
    if (folder !== undefined) for await (const entry of folder.keys()) names.push(entry);
    return names;
  },
});
