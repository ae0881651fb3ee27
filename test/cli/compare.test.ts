// `oddity compare`: the tables, the JSON, the page, and every kind of wrong input in one line.
import assert from 'node:assert/strict';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Comparison } from '../../src/evaluate/comparison/records.ts';
import { failsWith, oddity, oddityHere, remove, scratch, succeedsInJson, writeDigits } from './support.ts';

describe('compare', () => {
  const folder = scratch();
  const data = join(folder, 'digits');
  const { XDG_CACHE_HOME: cacheBefore } = process.env;

  before(() => {
    writeDigits(data);
    // The classifier that judges the images is kept in the cache.
    process.env.XDG_CACHE_HOME = join(folder, 'cache');
  });
  after(() => {
    if (cacheBefore === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = cacheBefore;
    remove(folder);
  });

  const words = ['compare', data, '--models', 'vae', '--option', 'vae.boundSamples=1', '--latent-dim', '4'];
  const small = [...words, '--samples', '100', '--threads', '1'];

  test('a table for each question, the claims, and the page', async () => {
    const report = join(folder, 'report');
    const out = join(folder, 'comparison.json');
    const { code, stdout, stderr } = await oddityHere([
      ...[...small, '--epochs', '2', '--classes', '1', '--protocol', 'both'],
      ...['--report', report, '--out', out],
    ]);
    assert.equal(code, 0, stderr);
    for (const title of ['Image quality', 'Diversity', 'Stability', 'Latent space', 'Cost']) {
      assert.match(stdout, new RegExp(`^${title}`, 'm'));
    }
    for (const row of ['real', 'vae', 'gaussian']) assert.match(stdout, new RegExp(`^${row} +\\d`, 'm'));
    assert.match(stdout, /one class normal: AUROC in percent on 100 test images\n\n +1 +mean\nvae +\d/);
    assert.match(stdout, /one class the anomaly: AUROC/);
    assert.match(stdout, /"GANs are sharper" is not judged/);
    assert.ok(
      stdout.split('\n').every((line) => line.length <= 120),
      'no line is wider than 120 characters',
    );
    assert.match(stderr, /^vae, seed 0 {2}trained in \S+ s, Fréchet distance \S+$/m);
    assert.match(stderr, /^vae, seed 0 {2}leave-one-out, class 1: AUROC \S+, \S+ s$/m);
    const { models, references } = JSON.parse(readFileSync(out, 'utf8'));
    assert.equal(models[0].runs.length, 1);
    assert.equal(references.length, 2);
    const names = [
      ...[
        'detection-leave-one-out',
        'detection-one-class',
        'images-classes',
        'images-samples',
        'images-walks',
      ],
      ...['latent-pca-vae', 'training-losses-vae'],
    ];
    assert.deepEqual(
      readdirSync(join(report, 'figures')).filter((file) => file.endsWith('.png')),
      names.map((name) => `${name}.png`),
    );
    const html = readFileSync(join(report, 'comparison.html'), 'utf8');
    for (const words of [
      'What was compared?',
      'Fréchet distance',
      'real images',
      'neighbours of the same class',
    ]) {
      assert.ok(html.includes(words), words);
    }
  });

  test('--json is the comparison alone, with the options of each model', async () => {
    const { detection, models, claims } = (await succeedsInJson([
      ...[...small, '--epochs', '1', '--no-detection', '--option', 'vae.likelihood=gaussian'],
    ])) as Comparison;
    assert.deepEqual(detection.classes, []);
    assert.equal(models[0]!.settings.options.likelihood, 'gaussian');
    assert.equal(models[0]!.runs.length, 1);
    assert.equal(claims.length, 3);
  });

  test('Ctrl-C ends it in one line that says where', async () => {
    const outcome = await oddity([...small, '--epochs', '1000'], {
      onStderr: (text, child) => {
        if (text.includes('comparing')) child.kill('SIGINT');
      },
    });
    assert.equal(outcome.code, 130);
    assert.match(outcome.stderr, /\noddity: stopped at [^\n]+; nothing was written\n$/);
  });

  test('wrong input ends in one line, with the code of its kind', async () => {
    await failsWith(['compare', data, '--models', 'vae,gan'], 2, /of vae, dcgan.*got 'gan'/);
    await failsWith([...words, '--seeds', '0'], 2, /'0' is invalid. Expected a whole number from 1/);
    await failsWith(
      [...words, '--samples', '5'],
      2,
      /'5' is invalid. Expected a whole number of 100 or more/,
    );
    await failsWith([...words, '--samples', '500'], 2, /300 test images.*got 500/);
    await failsWith([...words, '--classes', 'seven'], 2, /got 'seven'; the choices are 0, 1/);
    await failsWith([...words, '--protocol', 'none'], 2, /one-class, leave-one-out, both/);
    await failsWith([...words, '--option', 'dcgan.objective=r1'], 2, /of vae, got 'dcgan\.objective'/);
    await failsWith([...words, '--option', 'vae.width=3'], 2, /has no 'width'/);
    await failsWith(['compare', data, '--models', 'fanogan', '--epochs', '1'], 2, /2 stages .* got 1 in all/);
    const unlabelled = join(folder, 'unlabelled-idx3-ubyte');
    copyFileSync(join(data, 'train-images-idx3-ubyte'), unlabelled);
    await failsWith(['compare', unlabelled], 4, /a classifier needs .*; give a data set with labels/);
    await failsWith([...words, '--out', folder], 8, /it is a folder/);
  });
});
