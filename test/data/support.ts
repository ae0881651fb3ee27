// What the tests of this room share: IDX bytes made to order, scratch folders, and errors checked as users see them.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { type ErrorCode, OddityError } from '../../src/errors.ts';

/** Bytes of an IDX file of ubyte (8), float (13) or double (14). */
export function idxBytes(
  type: number,
  dimensions: readonly number[],
  values: readonly number[],
): Uint8Array<ArrayBuffer> {
  const size = type === 8 ? 1 : type === 13 ? 4 : 8;
  const bytes = new Uint8Array(4 + 4 * dimensions.length + size * values.length);
  const view = new DataView(bytes.buffer);
  bytes[2] = type;
  bytes[3] = dimensions.length;
  for (const [i, side] of dimensions.entries()) view.setUint32(4 + 4 * i, side);
  for (const [i, value] of values.entries()) {
    const at = 4 + 4 * dimensions.length + size * i;
    if (type === 8) bytes[at] = value;
    else if (type === 13) view.setFloat32(at, value);
    else view.setFloat64(at, value);
  }
  return bytes;
}

/** Checks an error's code, that its message is one line, and what the message says. */
export function isOddity(error: unknown, code: ErrorCode, message: RegExp): true {
  assert.ok(error instanceof OddityError, `expected an OddityError, got ${error}`);
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
  assert.ok(!error.message.includes('\n'), 'the message is one line');
  return true;
}

export function failsWith(action: () => unknown, code: ErrorCode, message: RegExp): void {
  assert.throws(action, (error) => isOddity(error, code, message));
}

export function rejectsWith(action: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> {
  return assert.rejects(action, (error) => isOddity(error, code, message));
}

/** An empty folder that is gone after the test. */
export function scratchFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'oddity-data-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The folder of the real files, beside or in the checkout; undefined skips a test, except on CI, where it fails. */
export function realFolder(context: TestContext, name: string): string | undefined {
  const folders = [process.env.ODDITY_DATA, 'data', '../shared/data']
    .flatMap((folder) => (folder ? [resolve(folder, name)] : []))
    .filter((folder) => existsSync(folder));
  if (folders[0] === undefined) {
    assert.notEqual(process.env.CI, 'true', `CI needs the real files of ${name}`);
    context.skip(`no real files of ${name} here`);
  }
  return folders[0];
}
