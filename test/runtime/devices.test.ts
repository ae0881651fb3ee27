import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { OddityError } from '../../src/errors.ts';
import { input, multiply } from '../../src/graph/operations.ts';
import { compile, createBuffer, type Device, devices } from '../../src/runtime/session.ts';

async function doubleOn(device: Device): Promise<number[]> {
  const session = await compile({ y: multiply(input('x', [2]), 2) }, { device });
  const y = createBuffer(new Float32Array(2), [2]);
  await session.run({ x: createBuffer(Float32Array.of(1, 2), [2]) }, { y });
  await session.close();
  return [...(y.values as Float32Array)];
}

const isRefusal =
  (device: string) =>
  (error: unknown): boolean =>
    error instanceof OddityError &&
    error.code === 'UNSUPPORTED' &&
    error.message.includes(`'${device}'`) &&
    !error.message.includes('\n') &&
    error.data.device === device;

describe('a device', () => {
  for (const device of devices) {
    test(`${device} computes, or is refused`, async () => {
      try {
        assert.deepEqual(await doubleOn(device), [2, 4]);
      } catch (error) {
        if (device === 'cpu' || !isRefusal(device)(error)) throw error;
      }
    });
  }

  const hasNvidia = existsSync('/dev/nvidiactl') || process.platform === 'win32';
  test('that the machine lacks is not replaced by another', { skip: hasNvidia && 'it may have CUDA' }, () =>
    assert.rejects(doubleOn('cuda'), isRefusal('cuda')),
  );

  test('that nobody has is not replaced by another', () =>
    assert.rejects(doubleOn('quantum' as Device), isRefusal('quantum')));
});
