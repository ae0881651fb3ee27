// A JSON file with one row, or a list of them, written for people: over several lines, so no JSON lines.
import { randomBytes } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A larger file is JSON lines. */
const largest = 16 * 2 ** 20;

export interface LinesFile {
  readonly path: string;
  /** Takes a temporary file away. */
  forget(): Promise<void>;
}

/** The same rows as JSON lines; any other file is given back as it is. */
export async function asJsonLines(path: string): Promise<LinesFile> {
  const same = { path, forget: async () => {} };
  if (!/\.json$/i.test(path)) return same;
  const there = await stat(path).catch(() => undefined);
  if (there === undefined || !there.isFile() || there.size > largest) return same;
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return same;
  }
  const rows = Array.isArray(value) ? value : [value];
  if (rows.length === 0 || rows.some((row) => typeof row !== 'object' || row === null)) return same;
  const lines = join(tmpdir(), `oddity-rows-${randomBytes(6).toString('hex')}.jsonl`);
  await writeFile(lines, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return { path: lines, forget: () => rm(lines, { force: true }) };
}
