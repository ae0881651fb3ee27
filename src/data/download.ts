// One file from the first mirror that serves it whole: resumed, checked, and put in place at one stroke.
// Node only; apart from sources.ts, which knows the datasets but nothing of HTTP.

import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OddityError } from '../errors.ts';
import { makeFolder } from './make-folder.ts';

export interface DownloadRequest {
  /** Full addresses of the same file, tried in this order. */
  readonly urls: readonly string[];
  /** Where the finished file goes; `target + '.part'` holds what has come so far. */
  readonly target: string;
  /** Expected size in bytes; nothing past it is read. */
  readonly size: number;
  readonly sha256: string;
  readonly signal?: AbortSignal;
  /** Bytes of this file on disk so far. */
  readonly onProgress?: (bytes: number) => void;
  /** A mirror silent for so long counts as gone; 30,000 ms unless given. */
  readonly idleMilliseconds?: number;
}

// Further attempts only while each brings new bytes.
const attemptsPerMirror = 5;

/**
 * Fetches a file. A part left by an earlier call is continued with a Range request. The target appears only
 * whole and with the right checksum; a part with the wrong one is deleted.
 * @throws OddityError ABORTED (the part stays, for next time), STORAGE when the disk refuses, BAD_DATA when
 *   what came had the wrong checksum, NO_DATA when no mirror could be reached.
 */
export async function download(request: DownloadRequest): Promise<void> {
  const part = `${request.target}.part`;
  const failures: string[] = [];
  let wrong: string | undefined;
  await onDisk(request.target, () => makeFolder(dirname(request.target)));
  for (const url of request.urls) {
    for (let attempt = 0; attempt < attemptsPerMirror; attempt++) {
      const before = await sizeOf(part);
      try {
        if (before < request.size) await receive(url, part, before, request);
        const sum = await sha256OfFile(part);
        if (sum === request.sha256) return await onDisk(request.target, () => rename(part, request.target));
        wrong = sum;
        await onDisk(part, () => rm(part, { force: true }));
        failures.push(`${new URL(url).host}: wrong bytes`);
        // A part from an earlier run may have been the bad half: one fresh attempt tells.
        if (before === 0) break;
      } catch (cause) {
        // Another process at the same download may have been first to move the part in place.
        if (await isComplete(request)) return;
        if (cause instanceof OddityError) throw cause;
        throwIfAborted(request);
        failures.push(`${new URL(url).host}: ${reason(cause)}`);
        if ((await sizeOf(part)) <= before) break;
      }
    }
  }
  if (wrong !== undefined) {
    throw new OddityError(
      'BAD_DATA',
      `${request.target}: wrong checksum after download: expected ${request.sha256}, got ${wrong}; nothing was kept: try another network, or put the file there yourself`,
      { data: { expected: request.sha256, actual: wrong, failures } },
    );
  }
  throw new OddityError(
    'NO_DATA',
    `${request.target}: could not be downloaded (${failures.join('; ')}); check the network, or put the file there yourself`,
    { data: { urls: request.urls, failures } },
  );
}

/** SHA-256 of a file, in hex. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await onDisk(path, async () => {
    for await (const chunk of createReadStream(path)) hash.update(chunk);
  });
  return hash.digest('hex');
}

/** Appends the rest of the file to `part`. Throws plain errors for the network's faults, STORAGE for the disk's. */
async function receive(url: string, part: string, start: number, request: DownloadRequest): Promise<void> {
  throwIfAborted(request);
  const idle = new AbortController();
  const wait = request.idleMilliseconds ?? 30_000;
  const stop = () => idle.abort(new Error(`no answer for ${wait / 1000} s`));
  let timer = setTimeout(stop, wait);
  const signals = request.signal === undefined ? [idle.signal] : [idle.signal, request.signal];
  let file: FileHandle | undefined;
  try {
    const response = await fetch(url, {
      // Without `identity` a server may compress the gzip once more, and ranges would count those bytes.
      headers: { 'accept-encoding': 'identity', ...(start > 0 ? { range: `bytes=${start}-` } : {}) },
      signal: AbortSignal.any(signals),
    });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new Error(`HTTP ${response.status}`);
    }
    const resumed =
      response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${start}-`);
    if (response.status === 206 && !resumed) throw new Error('answered with another range than asked for');
    let position = resumed ? start : 0;
    // Written by position, without truncation: a second process at the same download then writes the same bytes.
    file = await onDisk(part, () => open(part, constants.O_RDWR | constants.O_CREAT));
    const handle = file;
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      clearTimeout(timer);
      timer = setTimeout(stop, wait);
      const wanted = chunk.subarray(0, request.size - position);
      await onDisk(part, () => handle.write(wanted, 0, wanted.length, position));
      position += wanted.length;
      request.onProgress?.(position);
      if (position === request.size) break;
    }
    if (position < request.size) {
      // A broken connection throws above. An answer that ends in good order and is short is another file.
      await onDisk(part, () => rm(part, { force: true }));
      throw new Error(`sent ${position} bytes of ${request.size}`);
    }
  } finally {
    clearTimeout(timer);
    await file?.close();
  }
}

async function isComplete({ target, size, sha256 }: DownloadRequest): Promise<boolean> {
  return (await sizeOf(target)) === size && (await sha256OfFile(target)) === sha256;
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (entry) => entry.size,
    () => 0,
  );
}

/** Runs a file operation; its failure becomes one STORAGE line. */
async function onDisk<T>(path: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new OddityError(
      'STORAGE',
      `${path}: expected a place to write and read, got ${code}; free or unlock it, or choose another data folder`,
      { data: { path, code }, cause },
    );
  }
}

function throwIfAborted(request: DownloadRequest): void {
  if (request.signal?.aborted !== true) return;
  throw new OddityError(
    'ABORTED',
    `${request.target}: download stopped; run it again to go on where it stopped`,
    { data: { target: request.target }, cause: request.signal.reason },
  );
}

/** `fetch failed` says nothing: the system's code is in the cause. */
function reason(error: unknown): string {
  const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
}
