// The gallery: a whole report on tiny detectors, opened from disk in Chromium at a phone's and a desktop's width, light
// and dark. Every figure must show something, nothing may stick out, and nothing may be asked of a network.
import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import type { Detector } from '../../src/detect/detector.ts';
import { gatherExhibition } from '../../src/evaluate/exhibition/gather.ts';
import { createTrainingWatch } from '../../src/evaluate/exhibition/training-watch.ts';
import { figuresOf } from '../../src/report/page/document.ts';
import { writePage } from '../../src/report/page/write-page.ts';
import { composeReport } from '../../src/report/sections/index.ts';
import { digits, normalDigits, tinyOptions, trainTiny } from '../tiny-detector.ts';
import { launch, skip } from './chromium.ts';

const evil = '<img src=x onerror=alert(1)>';
const views = [
  { name: 'desktop', width: 1100, scheme: 'light' },
  { name: 'desktop in the dark', width: 1100, scheme: 'dark' },
  { name: 'phone', width: 375, scheme: 'light' },
] as const;

describe('a report in Chromium', { timeout: 300_000 }, () => {
  let folder: string;
  let browser: Browser;
  let names: string[];
  const detectors: Detector[] = [];

  before(async () => {
    if (skip) return;
    folder = await mkdtemp(join(tmpdir(), 'oddity-report-'));
    const watch = await createTrainingWatch(normalDigits, tinyOptions);
    const vae = await trainTiny({ watch: watch.look });
    await watch.close();
    const line = await trainTiny({ options: { latentDim: 1, boundSamples: 2 }, model: 'vae' });
    detectors.push(vae, line);
    const exhibition = await gatherExhibition({
      detectors: [{ detector: vae, snapshots: watch.snapshots }, { detector: line }],
      dataset: { ...digits, classNames: digits.classNames.map((name, i) => (i === 3 ? evil : name)) },
      rows: 300,
      mapped: 200,
    });
    assert.deepEqual(
      exhibition.models.map(({ name, label }) => [name, label]),
      [
        ['vae', 'VAE'],
        ['vae-2', 'VAE 2'],
      ],
    );
    const page = { ...(await composeReport(exhibition)), footer: 'a test' };
    names = figuresOf(page).map(({ name }) => name);
    await writePage(folder, page, { file: 'report.html' });
    browser = await launch();
  });
  after(async () => {
    for (const detector of detectors) await detector.close();
    await browser?.close();
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  async function open({ width, scheme }: (typeof views)[number], complaints: string[]): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('dialog', (dialog) => complaints.push(`a dialog: ${dialog.message()}`));
    page.on('request', (request) => {
      if (!/^(file|data|blob):/.test(request.url())) complaints.push(`asked for ${request.url()}`);
    });
    await page.goto(pathToFileURL(join(folder, 'report.html')).href);
    return page;
  }

  test('is a file of sane size with every kind of figure', { skip }, async () => {
    assert.ok((await stat(join(folder, 'report.html'))).size < 5e6);
    assert.equal(new Set(names).size, names.length, 'each figure has its own name');
    for (const kind of ['data-', 'training-', 'generation-', 'latent-', 'detection-', 'comparison-']) {
      assert.ok(
        names.some((name) => name.startsWith(kind)),
        kind,
      );
    }
  });

  for (const view of views) {
    test(`shows every figure on a ${view.name}`, { skip }, async () => {
      const complaints: string[] = [];
      const page = await open(view, complaints);
      const found = await page.evaluate(() =>
        [...document.querySelectorAll('figure')].map((figure) => {
          const seen = [...figure.querySelectorAll('svg, img')].filter(
            (each) => each.getBoundingClientRect().width > 20,
          );
          const frame = figure.getBoundingClientRect();
          // Texts of drawings that stick out of their own drawing.
          const cut = [...figure.querySelectorAll('svg text')].filter((text) => {
            const [own, whole] = [text.getBoundingClientRect(), text.closest('svg')!.getBoundingClientRect()];
            return (
              own.width > 0 &&
              (own.left < whole.left - 3 || own.right > whole.right + 3 || own.bottom > whole.bottom + 3)
            );
          });
          return {
            name: figure.id,
            seen: seen.length,
            marks: figure.querySelectorAll('path, rect, circle, img').length,
            height: frame.height,
            right: frame.right,
            alt: figure.querySelector('.alt')?.textContent?.length ?? 0,
            link: figure.querySelector('a.data') !== null,
            cut: cut.map((text) => text.textContent),
          };
        }),
      );
      assert.deepEqual(
        found.map(({ name }) => name),
        names,
      );
      for (const { name, seen, marks, height, right, alt, link, cut } of found) {
        assert.ok(seen > 0 && marks > 2 && height > 60, `${name} shows something`);
        assert.ok(right <= view.width, `${name} fits`);
        assert.ok(alt > 10 && link, `${name} has words and data`);
        assert.deepEqual(cut, [], `${name} has no text cut off`);
      }
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= view.width, `the page is ${wide} wide`);
      assert.deepEqual(complaints, []);
      await page.close();
    });
  }

  test('pointing at a map shows the row, and images give their pixels', { skip }, async () => {
    const complaints: string[] = [];
    const page = await open(views[0], complaints);
    const map = page.locator('svg[data-map]').first();
    await map.scrollIntoViewIfNeeded();
    const box = (await map.boundingBox())!;
    const place = await page.evaluate(
      () =>
        (JSON.parse(document.querySelector('[data-places]')!.textContent!) as { places: number[] }).places,
    );
    await page.mouse.move(box.x + (place[0]! / 3400) * box.width, box.y + (place[1]! / 3400) * box.height);
    assert.match(await page.locator('#hover').innerText(), /score .*, p /);
    assert.equal(await page.locator('#hover .thumb').count(), 1);
    await page.mouse.move(1, 1);
    await page.locator('#hover').waitFor({ state: 'hidden' });
    await map.focus();
    const met: string[] = [];
    for (const key of ['ArrowDown', 'ArrowRight', 'ArrowUp']) {
      await page.keyboard.press(key);
      met.push(
        `${await page.locator('#hover').innerText()} ${await map.locator('circle').getAttribute('cx')}`,
      );
    }
    assert.equal(new Set(met).size, 3, 'arrow keys go from mark to mark');
    await page.keyboard.press('Escape');
    await page.locator('#hover').waitFor({ state: 'hidden' });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('a[data-pixels]').first().click(),
    ]);
    assert.match(download.suggestedFilename(), /\.csv$/);
    assert.deepEqual(complaints, []);
    await page.close();
  });
});
