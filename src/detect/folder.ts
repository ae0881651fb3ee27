// Where detectors are kept: the few file operations that saving and loading need.
// Node has them on disk (folder-node.ts), browsers in their private file system (folder-web.ts).

/** One folder, named by a path (Node) or a name (browsers). */
export interface Folder {
  readonly name: string;
  /** The bytes of a file, undefined where there is none. */
  read(file: string): Promise<Uint8Array | undefined>;
  /** Replaces one file so that a reader, or a crash, sees the old bytes or the new, never a mixture. */
  write(file: string, bytes: Uint8Array): Promise<void>;
  /** Replaces the whole folder's contents in the same way; files not named are gone afterwards. */
  replace(files: Readonly<Record<string, Uint8Array>>): Promise<void>;
  remove(file: string): Promise<void>;
  /** The files there now; empty where the folder does not exist. */
  list(): Promise<string[]>;
}

/** Opens a folder; it need not exist yet. */
export type OpenFolder = (name: string) => Folder;
