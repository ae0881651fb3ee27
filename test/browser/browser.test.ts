import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launch, type Site, serve, skip } from './chromium.ts';
import type * as Exercise from './exercise.ts';
import { exercise } from './exercise.ts';

declare const functions: typeof Exercise;

describe('in Chromium', { timeout: 240_000 }, () => {
  let site: Site;
  let browser: Browser;
  const outside: string[] = [];
  const complaints: string[] = [];

  before(async () => {
    if (skip) return;
    site = await serve(['test/browser/page/index.html', 'examples/browser/index.html']);
    browser = await launch();
  });
  beforeEach(() => {
    outside.length = 0;
    complaints.length = 0;
  });
  after(async () => {
    await browser?.close();
    await site?.close();
  });

  /** A fresh page that can reach nothing but our server, and whose complaints are kept. */
  async function open(path: string): Promise<Page> {
    const page = await browser.newPage();
    await page.route(
      (url) => !url.href.startsWith(site.url) && url.protocol !== 'data:' && url.protocol !== 'blob:',
      (route) => {
        outside.push(route.request().url());
        return route.abort();
      },
    );
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    await page.goto(site.url + path);
    return page;
  }

  test('training and scoring give what they give in Node, and a saved detector loads', { skip }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'oddity-browser-'));
    const native = await exercise(join(folder, 'detector'));
    await rm(folder, { recursive: true });

    const page = await open('test/browser/page/index.html');
    const tab = await page.evaluate(() => functions.exercise('runs/detector'));
    await page.close();

    assert.equal(tab.losses.length, 1);
    assert.equal(native.losses.length, 1);
    for (const [name, expected] of Object.entries(native.losses[0]!)) {
      assertClose(tab.losses[0]![name]!, expected, name);
    }
    assert.equal(tab.scores.length, 100);
    for (const [i, expected] of native.scores.entries()) assertClose(tab.scores[i]!, expected, `score ${i}`);
    assert.deepEqual(tab.loaded, tab.scores);
    assert.deepEqual(native.loaded, native.scores);
    assert.deepEqual({ outside, complaints }, { outside: [], complaints: [] });
  });

  test('a device that the browser lacks is refused, not replaced', { skip }, async () => {
    const page = await open('test/browser/page/index.html');
    assert.equal(await page.evaluate(() => functions.openOn('cuda')), 'UNSUPPORTED');
    const hasGpu = await page.evaluate(async () => {
      const { gpu } = navigator as Navigator & { gpu?: { requestAdapter(): Promise<unknown> } };
      return Boolean(await gpu?.requestAdapter());
    });
    const expected = hasGpu ? 'ok' : 'UNSUPPORTED';
    assert.equal(await page.evaluate(() => functions.openOn('webgpu')), expected);
    assert.equal(await page.evaluate(() => functions.openOn('cpu')), 'ok');
    await page.close();
  });

  test('the example page trains', { skip }, async () => {
    const page = await open('examples/browser/index.html');
    await page.getByRole('button', { name: 'Train' }).click();
    await page.getByText(/^epoch 1 of \d+: loss \d/).waitFor({ timeout: 60_000 });
    await page.close();
    assert.deepEqual({ outside, complaints }, { outside: [], complaints: [] });
  });
});

/** Within 1e-3, relative above 1 and absolute below. */
function assertClose(actual: number, expected: number, what: string): void {
  const error = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
  assert.ok(error <= 1e-3, `${what}: ${actual} in the browser, ${expected} in Node`);
}
