// Named datasets: where they are found, how they are fetched, and what is said when neither works.
// A small server on 127.0.0.1 stands in for the mirrors; nothing here reaches the network.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type CatalogueEntry, type FileRole, fileNames, fileRoles } from '../../src/data/catalogue.ts';
import { download } from '../../src/data/download.ts';
import { cacheFolder, type DownloadProgress, openDataset } from '../../src/data/sources.ts';
import { createRandom } from '../../src/nn/random.ts';
import { idxBytes, realFolder, rejectsWith, scratchFolder } from './support.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const random = createRandom('sources');
const imageBytes = (count: number) =>
  idxBytes(
    8,
    [count, 20, 20],
    Array.from({ length: 400 * count }, () => random.integer(256)),
  );
const labelBytes = (count: number) =>
  idxBytes(
    8,
    [count],
    Array.from({ length: count }, (_, i) => i % 2),
  );
const published: Readonly<Record<FileRole, Buffer>> = {
  trainImages: gzipSync(imageBytes(500)),
  trainLabels: gzipSync(labelBytes(500)),
  testImages: gzipSync(imageBytes(40)),
  testLabels: gzipSync(labelBytes(40)),
};
const files = Object.fromEntries(
  fileRoles.map((role) => {
    const bytes = published[role];
    const content = sha256(gunzipSync(bytes));
    return [
      role,
      { file: `${fileNames[role]}.gz`, size: bytes.length, sha256: sha256(bytes), contentSha256: content },
    ];
  }),
) as unknown as CatalogueEntry['files'];
const big = published.trainImages;

const bytesAt = (url: string | undefined): Buffer => {
  const role = fileRoles.find((key) => url?.endsWith(`/${fileNames[key]}.gz`));
  return role === undefined ? Buffer.alloc(0) : published[role];
};

/** Serves a file whole, or from the byte a Range header names. */
const serve: Handler = (request, response) => {
  const bytes = bytesAt(request.url);
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const range = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
  response.writeHead(start > 0 ? 206 : 200, {
    'content-length': bytes.length - start,
    ...(start > 0 ? { 'content-range': range } : {}),
  });
  response.end(bytes.subarray(start));
};

async function mirror(context: TestContext, handler: Handler) {
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range);
    handler(request, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/x/`, ranges };
}

const entriesAt = (...mirrors: string[]): Readonly<Record<string, CatalogueEntry>> => ({
  small: { classNames: ['even', 'odd'], files, mirrors },
});

const nowhere = { environment: {}, entries: entriesAt() };

function request(target: string, ...urls: string[]) {
  const name = files.trainImages.file;
  return { urls: urls.map((url) => url + name), target, size: big.length, sha256: sha256(big) };
}

test('downloads into the cache with progress, then needs no network', async (context) => {
  const { url, ranges } = await mirror(context, serve);
  const workingDirectory = scratchFolder(context);
  const cacheDir = join(workingDirectory, 'deep', 'cache');
  const events: DownloadProgress[] = [];
  const options = { ...nowhere, workingDirectory, cacheDir, entries: entriesAt(url) };
  const first = await openDataset('SMALL', { ...options, onProgress: (event) => events.push(event) });
  assert.deepEqual([first.name, first.train.count, first.test.count], ['small', 500, 40]);
  assert.deepEqual(first.classNames, ['even', 'odd']);
  const done = events.map((event) => event.bytesDone);
  assert.deepEqual(
    done,
    [...done].sort((a, b) => a - b),
  );
  assert.equal(done.at(-1), events[0]?.bytesTotal);
  assert.equal(ranges.length, 4);
  assert.deepEqual(
    readdirSync(join(cacheDir, 'small')).sort(),
    Object.values(files)
      .map((f) => f.file)
      .sort(),
  );
  assert.deepEqual(await openDataset('small', { ...options, offline: true }), first);
  const all = await openDataset('small', { ...options, split: 'all' });
  assert.deepEqual([all.train.count, all.test.count], [0, 540]);
});

test('a connection that breaks off is resumed where it stopped', async (context) => {
  const open: ServerResponse[] = [];
  const { url, ranges } = await mirror(context, (incoming, response) => {
    if (incoming.headers.range !== undefined) return serve(incoming, response);
    response.writeHead(200, { 'content-length': big.length });
    response.write(big.subarray(0, 60_000));
    open.push(response);
  });
  const target = join(scratchFolder(context), 'file.gz');
  // The server hangs up once the first bytes have reached the disk.
  const onProgress = (): void => {
    open.pop()?.destroy();
  };
  await download({ ...request(target, url), onProgress });
  assert.deepEqual(readFileSync(target), big);
  assert.equal(ranges.length, 2);
  assert.match(ranges[1] ?? '', /^bytes=[1-9]\d*-$/);
  assert.deepEqual(readdirSync(dirname(target)), ['file.gz']);
});

test('a part from an earlier run is resumed, also at another mirror, also where ranges are ignored', async (context) => {
  const ignoring: Handler = (incoming, response) => response.end(bytesAt(incoming.url));
  for (const handler of [serve, ignoring]) {
    const gone = await mirror(context, (_, response) => response.writeHead(404).end());
    const { url, ranges } = await mirror(context, handler);
    const target = join(scratchFolder(context), 'file.gz');
    writeFileSync(`${target}.part`, big.subarray(0, 777));
    await download(request(target, gone.url, url));
    assert.deepEqual(readFileSync(target), big);
    assert.deepEqual(ranges, ['bytes=777-']);
  }
});

test('a bad part is thrown away and fetched afresh; so is a part that is too long', async (context) => {
  const { url, ranges } = await mirror(context, serve);
  for (const part of [Buffer.alloc(500, 7), Buffer.alloc(big.length, 7), Buffer.alloc(big.length + 9, 7)]) {
    const target = join(scratchFolder(context), 'file.gz');
    writeFileSync(`${target}.part`, part);
    await download(request(target, url));
    assert.deepEqual(readFileSync(target), big);
    assert.equal(ranges.pop(), undefined);
  }
});

test('wrong bytes: the part is deleted, the error names both checksums, the next mirror is tried', async (context) => {
  const wrongBytes = Buffer.from(big);
  wrongBytes[9000] = (wrongBytes[9000] ?? 0) ^ 1;
  const wrong = await mirror(context, (_, response) => response.end(wrongBytes));
  const folder = scratchFolder(context);
  const target = join(folder, 'file.gz');
  const said = new RegExp(
    `wrong checksum after download: expected ${sha256(big)}, got ${sha256(wrongBytes)};`,
  );
  await rejectsWith(download(request(target, wrong.url)), 'BAD_DATA', said);
  assert.deepEqual(readdirSync(folder), []);
  const right = await mirror(context, serve);
  await download(request(target, wrong.url, right.url));
  assert.deepEqual(readFileSync(target), big);
});

test('a page in place of the file, a longer file, an endless one', async (context) => {
  const folder = scratchFolder(context);
  const page = await mirror(context, (_, response) => response.end('<html>Please log in</html>'));
  await rejectsWith(download(request(join(folder, 'a'), page.url)), 'NO_DATA', /sent 26 bytes of \d+/);
  const endless = await mirror(context, (_, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65536)));
    };
    response.on('drain', more).on('error', () => {});
    more();
  });
  await rejectsWith(download(request(join(folder, 'b'), endless.url)), 'BAD_DATA', /wrong checksum/);
  assert.deepEqual(readdirSync(folder), []);
});

test('abort mid-download: ABORTED, nothing under the final name, and the next call goes on', async (context) => {
  let calls = 0;
  const { url, ranges } = await mirror(context, (incoming, response) => {
    if (calls++ > 0) return serve(incoming, response);
    response.writeHead(200, { 'content-length': big.length });
    response.write(big.subarray(0, 50_000));
  });
  const target = join(scratchFolder(context), 'file.gz');
  const controller = new AbortController();
  const { signal } = controller;
  const stopped = download({ ...request(target, url), signal, onProgress: () => controller.abort() });
  await rejectsWith(stopped, 'ABORTED', /run it again to go on/);
  assert.ok(!existsSync(target));
  assert.ok(existsSync(`${target}.part`));
  await rejectsWith(download({ ...request(target, url), signal }), 'ABORTED', /stopped/);
  await download(request(target, url));
  assert.deepEqual(readFileSync(target), big);
  assert.match(ranges.at(-1) ?? '', /^bytes=/);
});

test('a silent mirror counts as gone, a closed one too', async (context) => {
  const silent = await mirror(context, () => {});
  const target = join(scratchFolder(context), 'file.gz');
  const asked = { ...request(target, silent.url, 'http://127.0.0.1:1/'), idleMilliseconds: 50 };
  await rejectsWith(download(asked), 'NO_DATA', /no answer for 0\.05 s; .+ check the network/);
});

test('two downloads of one file at the same time, in step, both end well', async (context) => {
  const waiting: (() => void)[] = [];
  const { url } = await mirror(context, (incoming, response) => {
    const bytes = bytesAt(incoming.url);
    // The first sends most, the second little; the rest comes when both have begun.
    response.writeHead(200, { 'content-length': bytes.length });
    const middle = waiting.length === 0 ? 100_000 : 10;
    response.write(bytes.subarray(0, middle));
    waiting.push(() => response.end(bytes.subarray(middle)));
  });
  const target = join(scratchFolder(context), 'file.gz');
  let begun = 0;
  const start = (): Promise<void> => {
    let fresh = true;
    const onProgress = (): void => {
      if (fresh) begun++;
      fresh = false;
      if (begun === 2) for (const resume of waiting.splice(0)) resume();
    };
    return download({ ...request(target, url), onProgress });
  };
  await Promise.all([start(), start()]);
  assert.deepEqual(readFileSync(target), big);
  assert.deepEqual(readdirSync(dirname(target)), ['file.gz']);
});

test('a cache that cannot be written is one line', async (context) => {
  const { url } = await mirror(context, serve);
  const workingDirectory = scratchFolder(context);
  const blocked = join(workingDirectory, 'blocked');
  writeFileSync(blocked, '');
  const options = { ...nowhere, workingDirectory, entries: entriesAt(url) };
  if (existsSync('/proc/self')) {
    // mkdir's own `recursive` never returns here on Node 20.
    await rejectsWith(
      openDataset('small', { ...options, cacheDir: '/proc/oddity/cache' }),
      'STORAGE',
      /ENOENT/,
    );
  }
  const inFile = openDataset('small', { ...options, cacheDir: blocked });
  await rejectsWith(inFile, 'STORAGE', /got (ENOTDIR|EEXIST); .*choose another data folder/);
  if (process.getuid?.() === 0)
    return context.diagnostic('root may write anywhere: no read-only folder tried');
  const locked = join(workingDirectory, 'locked');
  mkdirSync(locked);
  chmodSync(locked, 0o500);
  await rejectsWith(openDataset('small', { ...options, cacheDir: locked }), 'STORAGE', /EACCES/);
});

test('folders are looked through in order, file by file', async (context) => {
  const root = scratchFolder(context);
  const workingDirectory = join(root, 'checkout');
  const places = {
    testLabels: join(root, 'given'),
    trainLabels: join(root, 'environment', 'small'),
    testImages: join(workingDirectory, 'data', 'small'),
    trainImages: join(root, 'shared', 'data', 'small'),
  };
  for (const role of fileRoles) {
    mkdirSync(places[role], { recursive: true });
    writeFileSync(join(places[role], files[role].file), published[role]);
  }
  const options = {
    entries: entriesAt(),
    offline: true,
    workingDirectory,
    dataDir: '../given',
    environment: { ODDITY_DATA: join(root, 'environment') },
    cacheDir: join(root, 'cache'),
  };
  assert.equal((await openDataset('small', options)).train.count, 500);
  const bare = openDataset('small', { ...options, environment: {} });
  await rejectsWith(bare, 'NO_DATA', /none for train-labels-idx1-ubyte\.gz, and downloads are off/);
  // An earlier folder wins, even when its file is wrong; unpacked files are checked too.
  writeFileSync(join(root, 'given', fileNames.trainImages), gunzipSync(big).fill(0, 100, 101));
  await rejectsWith(
    openDataset('small', options),
    'BAD_DATA',
    /given.+: wrong checksum: expected .+, got .+; delete/,
  );
  writeFileSync(join(root, 'given', fileNames.trainImages), gunzipSync(big));
  assert.equal((await openDataset('small', options)).train.count, 500);
});

test('nothing found: said plainly, or said and gone on with digits', async (context) => {
  const workingDirectory = scratchFolder(context);
  const options = { ...nowhere, workingDirectory, cacheDir: join(workingDirectory, 'cache') };
  await rejectsWith(openDataset('small', { ...options, offline: true }), 'NO_DATA', /downloads are off/);
  const dead = { ...options, entries: entriesAt('http://127.0.0.1:1/') };
  await rejectsWith(openDataset('small', dead), 'NO_DATA', /could not be downloaded \(127\.0\.0\.1:1: /);
  const notices: string[] = [];
  const digits = await openDataset('small', {
    ...options,
    offline: true,
    fallback: 'digits',
    onNotice: (notice) => notices.push(notice),
  });
  assert.equal(digits.name, 'digits');
  assert.match(notices.join('|'), /^small: expected its files .+; going on with the built-in digits$/);
  const unknown = openDataset('minst', { ...options, fallback: 'digits' });
  await rejectsWith(unknown, 'NO_DATA', /mnist, fashion-mnist, digits\) or a path, got 'minst'/);
  await rejectsWith(openDataset('constructor', options), 'NO_DATA', /got 'constructor'/);
});

test('a path is taken as it is, relative to the working directory', async (context) => {
  const workingDirectory = scratchFolder(context);
  writeFileSync(join(workingDirectory, 'my-images-idx3-ubyte'), imageBytes(10));
  const dataset = await openDataset('my-images-idx3-ubyte', {
    workingDirectory,
    split: 'all',
    environment: {},
  });
  assert.deepEqual([dataset.name, dataset.test.count], ['my-images-idx3-ubyte', 10]);
});

test('the real files pass their checksums; one flipped byte or the other dataset does not', async (context) => {
  const real = realFolder(context, 'mnist');
  if (real === undefined) return;
  const workingDirectory = scratchFolder(context);
  const options = { workingDirectory, environment: {}, offline: true, cacheDir: workingDirectory };
  const mnist = await openDataset('mnist', { ...options, dataDir: dirname(real) });
  assert.deepEqual([mnist.train.count, mnist.test.count], [60000, 10000]);
  await rejectsWith(
    openDataset('fashion-mnist', { ...options, dataDir: real }),
    'BAD_DATA',
    /wrong checksum: .+\(a file of mnist\); this is not fashion-mnist/,
  );
  const folder = join(workingDirectory, 'mnist');
  mkdirSync(folder);
  for (const name of readdirSync(real)) copyFileSync(join(real, name), join(folder, name));
  const path = join(folder, 't10k-images-idx3-ubyte.gz');
  const bytes = readFileSync(path);
  // The header's time stamp: the content is intact, the file is not the published one.
  bytes[5] = (bytes[5] ?? 0) ^ 1;
  chmodSync(path, 0o600);
  writeFileSync(path, bytes);
  const opened = openDataset('mnist', { ...options, dataDir: workingDirectory });
  await rejectsWith(
    opened,
    'BAD_DATA',
    /t10k-images.+wrong checksum: expected 8d422c7b.+, got .+; delete it/,
  );
});

test('the cache folder follows the platform', () => {
  assert.equal(cacheFolder({ XDG_CACHE_HOME: '/c' }), join('/c', 'oddity'));
  if (process.platform === 'linux') {
    assert.equal(cacheFolder({ HOME: '/h', XDG_CACHE_HOME: 'relative' }), '/h/.cache/oddity');
  }
});
