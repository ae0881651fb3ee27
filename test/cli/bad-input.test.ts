// Every kind of bad input ends in one line that helps, in the exit code of its kind, and harms nothing saved.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { idxBytes } from '../data/support.ts';
import {
  failsWith,
  hashes,
  isOneLine,
  oddity,
  program,
  quick,
  remove,
  runProgram,
  scratch,
  succeeds,
  writeDigits,
} from './support.ts';

const concurrency = 2;

describe('bad input', { concurrency }, () => {
  const folder = scratch();
  const data = join(folder, 'digits');
  const detector = join(folder, 'detector');
  let saved: Record<string, string> = {};

  before(async () => {
    writeDigits(data);
    await succeeds(['train', data, ...quick, '--epochs', '1', '--out', detector, '--quiet']);
    saved = hashes(detector);
  });
  after(() => remove(folder));

  /** A copy of the data in which one file is another. */
  const dataWith = (name: string, file: string, bytes: Uint8Array): string => {
    const copy = join(folder, name);
    cpSync(data, copy, { recursive: true });
    writeFileSync(join(copy, file), bytes);
    return copy;
  };
  const detectorWith = (name: string, file: string, change: (bytes: Buffer) => Buffer): string => {
    const copy = join(folder, name);
    cpSync(detector, copy, { recursive: true });
    writeFileSync(join(copy, file), change(readFileSync(join(copy, file))));
    return copy;
  };
  const images = 't10k-images-idx3-ubyte';
  const whole = () => readFileSync(join(data, images));

  test('words that make no sense: code 2', async () => {
    await failsWith(
      ['train', data, '--epoch', '3'],
      2,
      /unknown option '--epoch' \(Did you mean --epochs\?\); see oddity train --help/,
    );
    await failsWith(['trian', data], 2, /unknown command 'trian' \(Did you mean train\?\)/);
    isOneLine(await oddity(['trian', data]), 2, /unknown command 'trian' \(Did you mean train\?\)/);
    await failsWith(['train'], 2, /missing required argument 'data'; see oddity train --help/);
    await failsWith(['train', data], 2, /expected --out <folder>/);
    await failsWith(
      ['train', data, '--out', 'x', '--epochs', 'ten'],
      2,
      /'ten' is invalid. Expected a whole number/,
    );
    await failsWith(['train', data, '--out', 'x', '--normal', '1', '--anomaly', '2'], 2, /give one of them/);
    await failsWith(
      ['train', data, '--out', join(folder, 'x'), '--normal', 'seven'],
      2,
      /got 'seven'; the choices are 0, 1/,
    );
    await failsWith(['evaluate', detector, data, '--normal', '1,,2'], 2, /between commas/);
    await failsWith(
      ['generate', detector, '--class', '1', '--out', join(folder, 'x.png')],
      2,
      /not class-conditional/,
    );
    await failsWith(['generate', detector, '--out', 'x.jpg'], 2, /\.png or \.svg/);
    await failsWith(['bench', 'mnist'], 2, /mnist-one-class/);
    await failsWith(
      ['train', data, ...quick, '--out', detector],
      2,
      /holds a finished detector.*--overwrite/,
    );
    await failsWith(
      ['train', data, ...quick, '--out', join(folder, 'none'), '--resume'],
      2,
      /no run to resume/,
    );
    await failsWith(['train', data, ...quick, '--out', data], 2, /holds other files/);
    await failsWith(
      ['train', data, '--out', join(folder, 'x'), '--pictures', join(folder, 'x/y')],
      2,
      /outside/,
    );
    assert.ok(!existsSync(join(folder, 'x')), 'no folder is left behind');
  });

  test('config files', async () => {
    const config = join(folder, 'config.json');
    await failsWith(['train', data, '--out', 'x', '--config', join(folder, 'none.json')], 3, /got ENOENT/);
    writeFileSync(config, '{ "epochs": ');
    await failsWith(['train', data, '--out', 'x', '--config', config], 2, /expected JSON in/);
    writeFileSync(config, '{ "epoch": 3 }');
    await failsWith(['train', data, '--out', 'x', '--config', config], 2, /config\.json is wrong.*"?epoch"?/);
    writeFileSync(config, '{ "options": { "latentDimension": 3 } }');
    await failsWith(['train', data, '--out', 'x', '--config', config], 2, /latentDimension/);
  });

  test('data that is not there: code 3', async () => {
    await failsWith(['evaluate', detector, join(folder, 'nowhere')], 3, /neither/);
    await failsWith(['evaluate', detector, folder], 3, /expected train-images-idx3-ubyte/);
    const nowhere = { cwd: folder, environment: { HOME: folder, XDG_CACHE_HOME: '', ODDITY_DATA: '' } };
    isOneLine(
      await oddity(['evaluate', detector, 'mnist', '--offline', '--quiet'], nowhere),
      3,
      /downloads are off/,
    );
  });

  test('data that is not what it claims to be: code 4', async () => {
    const packed = gzipSync(whole());
    const bad: [string, Uint8Array, RegExp][] = [
      ['cut', whole().subarray(0, 5000), /cut short/],
      ['long', Buffer.concat([whole(), Buffer.of(1)]), /1 too many/],
      ['cut-gzip', packed.subarray(0, packed.length / 2), /intact gzip/],
      [
        'bad-gzip',
        Buffer.concat([packed.subarray(0, 100), Buffer.alloc(99), packed.subarray(199)]),
        /intact gzip/,
      ],
      ['magic', Buffer.from('not an IDX file at all'), /expected IDX bytes/],
      [
        'nan',
        idxBytes(
          13,
          [300, 28, 28],
          Array.from({ length: 300 * 784 }, (_, i) => (i === 1000 ? Number.NaN : 0.5)),
        ),
        /got NaN in row 1, position 216/,
      ],
      ['labels', idxBytes(8, [4, 28, 28], new Array(4 * 784).fill(0)), /one label per image/],
    ];
    for (const [name, bytes, message] of bad) {
      await failsWith(['score', detector, dataWith(name, images, bytes)], 4, message);
    }
    await failsWith(
      ['score', detector, dataWith('small', images, idxBytes(8, [300, 2, 2], new Array(1200).fill(0)))],
      4,
      /one shape/,
    );
  });

  test('a wrong checksum, an empty class, too few rows: code 4', async () => {
    const dir = join(folder, 'data-dir');
    mkdirSync(join(dir, 'mnist'), { recursive: true });
    writeFileSync(join(dir, 'mnist', 't10k-labels-idx1-ubyte.gz'), gzipSync('something else'));
    await failsWith(
      ['evaluate', detector, 'mnist', '--data-dir', dir, '--offline'],
      4,
      /wrong checksum: expected [0-9a-f]{64}, got/,
    );
    const labels = readFileSync(join(data, 'train-labels-idx1-ubyte')).map((label, i) =>
      i >= 8 && label === 3 ? 4 : label,
    );
    const gap = dataWith('gap', 'train-labels-idx1-ubyte', labels);
    await failsWith(
      ['train', gap, '--normal', '3', '--out', join(folder, 'x')],
      4,
      /rows of class 3, got none/,
    );
    assert.ok(!existsSync(join(folder, 'x')));
  });

  test('detectors that are none, damaged or newer: code 5', async () => {
    await failsWith(['inspect', join(folder, 'nowhere')], 5, /no detector/);
    await failsWith(['score', data, data], 5, /no detector: it has no manifest\.json/);
    const newer = detectorWith('newer', 'manifest.json', (bytes) =>
      Buffer.from(bytes.toString().replace('"version": 1', '"version": 2')),
    );
    await failsWith(['score', newer, data], 5, /format 2, this Oddity reads up to 1; update/);
    for (const [i, file] of Object.keys(saved).entries()) {
      const changed = detectorWith(`changed-${i}`, file, (bytes) => {
        const middle = bytes.length >> 1;
        bytes[middle] = (bytes[middle] ?? 0) ^ 1;
        return bytes;
      });
      await failsWith(['score', changed, data], 5, new RegExp(file.replace('.', '\\.')));
      remove(changed);
    }
  });

  test('a device that is missing: code 6, no fallback', async () => {
    const cuda = await oddity(['score', detector, data, '--device', 'cuda', '--quiet']);
    isOneLine(cuda, 6, /'cuda'.*--device cpu/);
    const webgpu = await oddity(['score', detector, data, '--device', 'webgpu', '--quiet']);
    // Its driver speaks on stderr too; and some machines have one.
    if (webgpu.code !== 0) {
      assert.equal(webgpu.code, 6);
      assert.match(webgpu.stderr, /\noddity: Device 'webgpu'[^\n]+\n$/);
    }
  });

  test('a training that diverges: code 7, the detector there before stays', async () => {
    const copy = join(folder, 'diverging');
    cpSync(detector, copy, { recursive: true });
    const words = ['train', data, ...quick, '--epochs', '20', '--learning-rate', '10', '--beta', '1000000'];
    await failsWith(
      [...words, '--out', copy, '--overwrite'],
      7,
      /diverged: the \S+.* at step \d+ .*(checkpoint of epoch \d+ of 20 in .*--resume --learning-rate <lower>|no checkpoint)/,
    );
    const { 'checkpoint.safetensors': _, ...files } = hashes(copy);
    assert.deepEqual(files, saved);
  });

  test('places that cannot be written: code 8, before the work', async () => {
    const file = join(folder, 'in-the-way');
    writeFileSync(file, '');
    await failsWith(['train', data, ...quick, '--out', file], 8, /in-the-way/);
    await failsWith(
      ['train', data, ...quick, '--out', join(file, 'below')],
      8,
      /a part of the path is a file/,
    );
    await failsWith(['score', detector, data, '--out', folder], 8, /it is a folder/);
    await failsWith(['score', detector, data, '--out', join(file, 'scores.csv')], 8, /scores\.csv/);
    await failsWith(['evaluate', detector, data, '--pictures', file], 8, /in-the-way/);
    if (existsSync('/dev/full'))
      await failsWith(['score', detector, data, '--out', '/dev/full'], 8, /disk is full/);
  });

  test('a disk that is full or read-only: code 8, the detector there before stays', async (context) => {
    const able = await runProgram(['unshare', '-rm', 'mount', '-t', 'tmpfs', 'none', '/mnt'], {}).catch(
      () => undefined,
    );
    if (able?.code !== 0) return context.skip('no small disk can be made here');
    const mounted = join(folder, 'disk');
    mkdirSync(mounted);
    const size = Math.ceil(
      Object.keys(saved).reduce((sum, file) => sum + readFileSync(join(detector, file)).length, 4e6) / 1024,
    );
    const train = [...program, 'train', data, ...quick, '--epochs', '1', '--quiet', '--out']
      .map((word) => `'${word}'`)
      .join(' ');
    const within = (script: string) => runProgram(['unshare', '-rm', 'sh', '-c', script], {});
    const full = await within(
      `mount -t tmpfs -o size=${size}k none '${mounted}' && cp -r '${detector}' '${mounted}/detector' && ${train} '${mounted}/detector' --overwrite; code=$?; cd '${mounted}/detector' && sha256sum *; exit $code`,
    );
    assert.equal(full.code, 8, full.stderr);
    assert.match(full.stderr, /^oddity: [^\n]*the disk is full[^\n]*Nothing saved before was changed\.\n$/);
    const after = full.stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/\s+/).reverse() as [string, string]);
    assert.deepEqual(Object.fromEntries(after), saved);
    const readOnly = await within(`mount -t tmpfs -o ro none '${mounted}' && ${train} '${mounted}/detector'`);
    isOneLine(readOnly, 8, /the disk is read-only/);
    const mount = await within(`mount -t tmpfs none '${mounted}' && ${train} '${mounted}'`);
    isOneLine(mount, 8, /name a new folder inside it/);
  });

  test('--debug shows where an error came from', async () => {
    const { code, stderr } = await oddity(['inspect', join(folder, 'nowhere'), '--debug']);
    assert.equal(code, 5);
    assert.match(stderr, /^oddity: .*\n(.*\n)*\s+at /);
  });

  test('nothing saved was harmed', () => assert.deepEqual(hashes(detector), saved));
});
