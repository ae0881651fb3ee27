// Pages: nothing a name says becomes markup, CSV is what spreadsheets read, and every plot is drawn at every width.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { judgeDetection } from '../../src/evaluate/exhibition/detection.ts';
import { describeImages } from '../../src/evaluate/exhibition/image-data.ts';
import { describeTable } from '../../src/evaluate/exhibition/table-data.ts';
import { toCsv } from '../../src/report/page/data-table.ts';
import { figuresOf, showPage } from '../../src/report/page/document.ts';
import { mapFigure } from '../../src/report/page/map-figure.ts';
import { markup, scriptJson } from '../../src/report/page/markup.ts';
import { writePage } from '../../src/report/page/write-page.ts';
import { barPlot } from '../../src/report/plots/bar-plot.ts';
import { linePlot } from '../../src/report/plots/line-plot.ts';
import { drawLegend, plotFigure } from '../../src/report/plots/plot.ts';
import { dataSection } from '../../src/report/sections/data.ts';
import { detectionCharts } from '../../src/report/sections/detection-charts.ts';
import { decode, someImages } from './support.ts';

const evil = '<script>alert(1)</script>"\'&';

test('markup escapes texts, in content and attributes, and takes lists of markup', () => {
  assert.equal(markup`<p title="${evil}">${evil}</p>`.html.includes('<script'), false);
  assert.equal(
    markup`<ul>${['a', 'b'].map((each) => markup`<li>${each}</li>`)}</ul>`.html,
    '<ul><li>a</li><li>b</li></ul>',
  );
  assert.equal(scriptJson({ evil }).html.includes('</script'), false);
  assert.deepEqual(JSON.parse(scriptJson({ evil }).html), { evil });
});

test('CSV quotes what needs quotes, and no cell is a formula', () => {
  const rows = [
    ['a,b', 1.23456789],
    ['say "hi"', Number.NaN],
    ['=1+1', undefined],
  ] as const;
  assert.equal(
    toCsv({ columns: ['name', 'value'], rows }),
    'name,value\r\n"a,b",1.23457\r\n"say ""hi""",\r\n\'=1+1,',
  );
});

test('legends break where they do not fit, and none is drawn beyond the width', () => {
  const entries = Array.from({ length: 6 }, (_, i) => ({
    text: `a rather long name ${i}`,
    colour: '#000000',
    mark: 'line' as const,
  }));
  const [narrow, wide] = [drawLegend(entries, 320), drawLegend(entries, 792)];
  assert.ok(narrow.height > wide.height);
});

test('plots are drawn for wide pages, phones and paper, escaped, with their numbers', async () => {
  const shared = { name: 'a-plot', title: `Title ${evil}`, altText: 'words' };
  const points = [
    [0, 1],
    [1, Number.NaN],
    [2, 3],
  ] as const;
  const plots = [
    linePlot({
      ...shared,
      x: { label: evil },
      y: { label: 'y' },
      lines: [
        { name: evil, points },
        { name: 'b', points: [] },
      ],
      verticals: [{ at: 1, label: evil }],
    }),
    barPlot({
      ...shared,
      groups: [evil, 'b', 'c'],
      label: evil,
      bars: [{ name: evil, colour: '#000000', values: [1, undefined, -2] }],
    }),
  ];
  for (const plot of plots) {
    const figure = await plotFigure(plot);
    assert.ok(figure.view.html.includes('class="wide"') && figure.view.html.includes('class="narrow"'));
    assert.ok(!figure.view.html.includes('<script'));
    assert.ok((figure.table?.rows.length ?? 0) >= 2);
    await decode({ ...(await figure.paper()), title: figure.title, altText: `${figure.title}.` });
  }
});

test('maps take many points, one and none, and escape what they say of rows', async () => {
  for (const count of [0, 1, 2000]) {
    const points = Float32Array.from({ length: 2 * count }, (_, i) => (i * 37) % 101);
    const rows = Array.from({ length: count }, (_, i) => i);
    const figure = mapFigure({
      ...{ name: 'a-map', title: 'A map of points', altText: 'words', points },
      panels: [
        { heading: evil, groups: [{ name: evil, colour: '#000000', mark: 'dot', rows, named: true }] },
      ],
      texts: rows.map(() => evil),
      table: { columns: ['x'], rows: [] },
    });
    assert.ok(!figure.view.html.includes('<script>alert'));
    assert.ok((await figure.paper()).png.length > 100);
  }
});

test('images with and without labels, three rows, one class: a page each', async () => {
  const images = (count: number, labels?: number[]) => ({
    ...someImages(count, [6, 6, 1]),
    ...(labels && { labels: Uint8Array.from(labels) }),
  });
  for (const [train, classNames] of [
    [images(3), []],
    [images(3, [0, 0, 0]), [evil]],
    [images(6, [0, 1, 0, 1, 1, 1]), [evil, 'b', 'empty']],
  ] as const) {
    const section = await dataSection(
      describeImages({ name: evil, classNames, train, test: images(0, train.labels && []) }),
    );
    const html = await showPage({
      title: evil,
      subtitle: evil,
      summary: markup``,
      sections: [section],
      footer: evil,
    });
    assert.ok(!html.includes('<script>alert'));
    assert.ok(html.length < 200_000 && section.content.length >= 4);
  }
});

test('a table with missing values, equal values, wild names and no anomaly is described and drawn', async () => {
  const count = 200;
  const columns = [
    {
      kind: 'number' as const,
      name: evil,
      values: Float32Array.from({ length: count }, (_, i) => (i % 7 === 0 ? Number.NaN : i)),
    },
    { kind: 'number' as const, name: 'flat', values: new Float32Array(count).fill(3) },
    { kind: 'number' as const, name: 'empty', values: new Float32Array(count).fill(Number.NaN) },
    {
      kind: 'category' as const,
      name: 'kind',
      codes: Int32Array.from({ length: count }, (_, i) => (i % 13) - 1),
      dictionary: Array.from({ length: 12 }, (_, i) => `${evil}${i}`),
    },
  ];
  const isAnomaly = Uint8Array.from({ length: count }, (_, i) => Number(i > 180));
  const data = describeTable('t', { count, columns }, isAnomaly, [{ name: 'id', why: evil }]);
  assert.equal(data.anomalous, 19);
  assert.ok(data.columns[0]!.difference! > 0.9, 'the rows are in order of the first column');
  assert.ok(Math.abs(data.columns[0]!.missing - 29 / 200) < 1e-9);
  assert.equal(data.columns[3]!.distinct, 12);
  for (const each of [data, describeTable('t', { count, columns })]) {
    const section = await dataSection(each);
    const page = { title: 't', subtitle: '', summary: markup``, sections: [section], footer: '' };
    assert.ok(!(await showPage(page)).includes('<script>alert'));
  }
});

test('a judgement knows its curves, promises, costs and mistakes', async () => {
  const score = Float32Array.from([0, 1, 2, 3, 4, 5]);
  const isAnomaly = Uint8Array.from([0, 0, 0, 1, 0, 1]);
  const pValue = score.map((value) => 1 - value / 6);
  const detection = judgeDetection({
    score,
    pValue,
    isAnomaly,
    labels: isAnomaly,
    classNames: ['fine', 'odd'],
    threshold: 3.5,
    askedRate: 0.1,
  });
  const truth = detection.truth!;
  assert.equal(truth.recall, 0.5);
  assert.equal(truth.falseAlarmRate, 0.25);
  assert.equal(truth.precision, 0.5);
  assert.deepEqual([truth.falseAlarms, truth.missed], [[4], [3]]);
  assert.deepEqual(detection.classes, [
    { name: 'fine', isAnomaly: false, count: 4, flagged: 1 },
    { name: 'odd', isAnomaly: true, count: 2, flagged: 1 },
  ]);
  // One false alarm and no miss, of six rows.
  assert.ok(Math.abs(truth.cheapest.cost - 1000 / 6) < 1e-9);
  assert.equal((await detectionCharts([{ name: 'm', label: 'M', detection }], 'rows')).length, 7);
  const unknown = judgeDetection({ score, pValue, threshold: 3.5, askedRate: 0.1 });
  assert.equal(unknown.truth, undefined);
  assert.equal(unknown.alarms, 2);
  assert.equal((await detectionCharts([{ name: 'm', label: 'M', detection: unknown }], 'rows')).length, 1);
});

test('a page on disk has its figures beside it, as PNG and SVG', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'oddity-page-'));
  context.after(() => rm(folder, { recursive: true }));
  const data = describeImages({ name: 'x', classNames: [], train: someImages(4), test: someImages(2) });
  const page = {
    title: 't',
    subtitle: '',
    summary: markup``,
    sections: [await dataSection(data)],
    footer: '',
  };
  const path = await writePage(folder, page, { file: 'report.html' });
  const html = await readFile(path, 'utf8');
  assert.doesNotMatch(html, /(?:src|href)="https?:/);
  const names = figuresOf(page).flatMap(({ name }) => [`${name}.png`, `${name}.svg`]);
  assert.deepEqual((await readdir(join(folder, 'figures'))).sort(), names.sort());
  assert.deepEqual((await readdir(folder)).sort(), ['figures', 'report.html']);
});
