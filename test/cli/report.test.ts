// `oddity explore` and `oddity report`: pages of images with and without labels and of tables, and wrong input in one line.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { failsWith, remove, scratch, succeeds, succeedsInJson, writeDigits } from './support.ts';

const evil = '<b onclick=x>';

describe('report', () => {
  const folder = scratch();
  const data = join(folder, 'digits');
  const unlabelled = join(folder, 'plain');
  const table = join(folder, 'rows.csv');
  const small = ['--latent-dim', '4', '--epochs', '1', '--threads', '1', '--no-figures'];

  before(() => {
    writeDigits(data);
    mkdirSync(unlabelled);
    for (const part of ['train', 't10k']) {
      copyFileSync(join(data, `${part}-images-idx3-ubyte`), join(unlabelled, `${part}-images-idx3-ubyte`));
    }
    const rows = Array.from(
      { length: 400 },
      (_, i) => `${(i * 7) % 13},${i % 3 === 0 ? evil : 'plain'},${Number(i % 40 === 39)}`,
    );
    writeFileSync(table, [`"${evil}",kind,label`, ...rows].join('\n'));
  });
  after(() => remove(folder));

  test('of models on labelled images answers every question of a reader', async () => {
    const out = join(folder, 'report');
    const text = await succeeds([
      'report',
      data,
      '--models',
      'vae',
      ...small,
      '--no-classifier',
      '--out',
      out,
    ]);
    for (const question of ['What was normal?', 'Which model?', 'How well', 'wrong?', 'collapsed']) {
      assert.ok(text.includes(question), question);
    }
    const html = readFileSync(join(out, 'report.html'), 'utf8');
    for (const id of ['data', 'training', 'generation', 'latent', 'detection'])
      assert.ok(html.includes(`<section id="${id}">`), id);
    assert.ok(html.length < 5e6 && !existsSync(join(out, 'figures')));
  });

  test('of a saved detector on images without labels says what cannot be known', async () => {
    const [detector, out] = [join(folder, 'detector'), join(folder, 'plain-report')];
    await succeeds([
      'train',
      unlabelled,
      ...small.slice(0, -1),
      '--false-alarm-rate',
      '0.05',
      '--out',
      detector,
    ]);
    const { answers, models } = (await succeedsInJson([
      ...['report', detector, '--data', unlabelled, '--no-figures', '--out', out],
    ])) as {
      answers: { points: string[] }[];
      models: { auroc?: number }[];
    };
    assert.ok(answers.some(({ points }) => points.some((point) => point.includes('cannot be measured'))));
    assert.equal(models[0]!.auroc, undefined);
    await failsWith(['report', detector, '--epochs', '2'], 2, /--epochs is for training/);
  });

  test('of a table, and what it looks like before any model', async () => {
    const [detector, out, look] = ['table-detector', 'table-report', 'look'].map((name) =>
      join(folder, name),
    );
    await succeeds(['explore', table, '--label', 'label', '--out', look!]);
    await succeeds([
      'train',
      table,
      '--label',
      'label',
      '--members',
      '1',
      '--epochs',
      '2',
      '--false-alarm-rate',
      '0.1',
      '--out',
      detector!,
    ]);
    await succeeds(['report', detector!, '--data', table, '--out', out!]);
    for (const page of [join(look!, 'explore.html'), join(out!, 'report.html')]) {
      const html = readFileSync(page, 'utf8');
      assert.ok(html.includes('&lt;b onclick=x&gt;') && !html.includes(evil), page);
    }
    assert.ok(existsSync(join(out!, 'figures', 'reasons-vae-1.svg')));
    await failsWith(['report', detector!], 2, /expected --data <table>/);
    await failsWith(['report', detector!, '--data', table, '--show', '1'], 2, /--show is for images/);
    // Two detectors side by side.
    const both = ['report', detector!, detector!, '--data', table, '--no-figures', '--out', out!];
    assert.match(await succeeds(both), /VAE 2/);
    assert.match(readFileSync(join(out!, 'report.html'), 'utf8'), /VAE against VAE 2/);
  });

  test('of a table without a detector trains models on part of it and judges the rest', async () => {
    const out = join(folder, 'trained-report');
    const train = ['report', table, '--label', 'label', '--models', 'vae,vaegan', '--epochs', '2'];
    const { answers, models } = (await succeedsInJson([
      ...[...train, '--false-alarm-rate', '0.1', '--no-figures', '--out', out],
    ])) as {
      answers: { question: string; points: string[] }[];
      models: { model: string; auroc?: number; falseAlarmRateAsked: number }[];
    };
    assert.deepEqual(
      models.map(({ model, falseAlarmRateAsked }) => [model, falseAlarmRateAsked]),
      [
        ['vae', 0.1],
        ['vaegan', 0.1],
      ],
    );
    assert.ok(models.every(({ auroc }) => auroc !== undefined));
    // Three tenths of 390 normal rows, and all 10 anomalies.
    assert.match(answers[0]!.points[0]!, /the 273 rows of rows\.csv.*Judged: 127 rows, 10 of them anomalies/);
    const html = readFileSync(join(out, 'report.html'), 'utf8');
    assert.ok(html.includes('VAE against VAE-GAN') && !html.includes(evil));
    // Another table to judge; no labels at all; flags of the other kind.
    const other = ['--epochs', '1', '--no-figures', '--out', out];
    assert.match(
      await succeeds([
        'report',
        table,
        '--label',
        'label',
        '--data',
        table,
        '--false-alarm-rate',
        '0.1',
        ...other,
      ]),
      /the very table/,
    );
    assert.match(
      await succeeds([
        ...['report', table, '--drop', 'label', '--models', 'vae,vaegan', '--false-alarm-rate', '0.1'],
        ...other,
      ]),
      /cannot be measured/,
    );
    // What cannot be measured is not recommended; the comparison is the page's last section.
    const last = readFileSync(join(out, 'report.html'), 'utf8').split('<section id="comparison">')[1];
    assert.ok(last !== undefined && !last.includes('of what raises the scores'));
    await failsWith(['report', table, '--images', '500'], 2, /--images is for images, got tables/);
  });

  test('of a table with several kinds of anomaly tells them apart, and names a column that gives them away', async () => {
    const [kinds, out] = [join(folder, 'kinds.csv'), join(folder, 'kinds-report')];
    const rows = Array.from({ length: 300 }, (_, i) => {
      const kind = i % 30 === 28 ? 'probe' : i % 30 === 29 ? 'flood' : 'normal';
      return `${(i * 7) % 13},${kind === 'normal' ? i % 2 : 5 + (i % 2)},${kind}`;
    });
    writeFileSync(kinds, ['load,after,kind', ...rows].join('\n'));
    const text = await succeeds([
      ...['report', kinds, '--label', 'kind', '--epochs', '1', '--false-alarm-rate', '0.1'],
      ...['--no-figures', '--out', out],
    ]);
    assert.match(text, /after alone tells anomalies from normal rows.*--drop after/s);
    assert.match(text, /of the anomalies, (probe|flood) is caught least often|misses 0%/);
    const html = readFileSync(join(out, 'report.html'), 'utf8');
    for (const words of [
      'VAE: alarms per class',
      'flood',
      'two halves of the real rows',
      'first ten rows drawn',
    ]) {
      assert.ok(html.includes(words), words);
    }
  });

  test('of several detectors of images compares them', async () => {
    const [detector, out] = [join(folder, 'detector'), join(folder, 'both')];
    await succeeds(['report', detector, detector, '--data', unlabelled, '--no-figures', '--out', out]);
    assert.match(readFileSync(join(out, 'report.html'), 'utf8'), /VAE against VAE 2/);
    await failsWith(
      ['report', detector, unlabelled],
      2,
      /got .*plain among them; give what they are to judge/,
    );
    await failsWith(
      ['report', detector, join(folder, 'table-detector')],
      2,
      /some of images and some of tables/,
    );
  });

  test('wrong input ends in one line', async () => {
    await failsWith(['report', data, '--models', 'gan'], 2, /of vae, dcgan.*got 'gan'/);
    await failsWith(['report', data, '--normal', '1', '--anomaly', '2'], 2, /give one of them/);
    await failsWith(['report', data, '--data', data], 2, /--data is for trained detectors and for tables/);
    await failsWith(['report', data, '--label', 'x'], 2, /--label is for tables, got images/);
    await failsWith(['report', data, table], 2, /expected one data set, or folders/);
    await failsWith(['explore', join(folder, 'nothing')], 3, /nothing/);
    await failsWith(['explore', data, '--out', table], 8, /rows\.csv/);
  });
});
