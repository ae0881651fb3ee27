// Every command does its work: what it prints, what it writes, and that --json is one object on stdout.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  hashes,
  oddity,
  oddityHere,
  program,
  quick,
  remove,
  runProgram,
  scratch,
  succeeds,
  writeDigits,
} from './support.ts';

const isPng = (path: string): boolean => readFileSync(path).subarray(1, 4).toString() === 'PNG';

describe('commands', () => {
  const folder = scratch();
  const data = join(folder, 'digits');
  const detector = join(folder, 'detector');
  let trained = { code: null as number | null, stdout: '', stderr: '' };

  before(async () => {
    writeDigits(data);
    trained = await oddity([
      'train',
      data,
      ...quick,
      '--epochs',
      '2',
      '--members',
      '2',
      '--out',
      detector,
      '--json',
    ]);
  });
  after(() => remove(folder));

  /** The one JSON object on stdout. */
  const json = async (...words: string[]) => JSON.parse(await succeeds([...words, '--json', '--quiet']));

  test('train: a line per epoch on stderr, a summary on stdout', () => {
    assert.equal(trained.code, 0, trained.stderr);
    const lines = trained.stderr.trimEnd().split('\n');
    assert.match(lines[0] ?? '', /^training on digits, normal: 1-9 \(450 images\)$/);
    assert.equal(lines.length, 5);
    assert.match(
      lines[1] ?? '',
      /^network 1\/2 epoch 1\/2 {2}reconstruction \S+ {2}divergence \S+ {2}\S+ s$/,
    );
    const summary = JSON.parse(trained.stdout);
    assert.deepEqual(summary.normalClasses, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual(summary.rows, { training: 382, scale: 17, calibration: 51 });
    assert.equal(summary.smallestFalseAlarmRate, 1 / 52);
  });

  test('train --resume of a finished detector says so', async () => {
    assert.match(await succeeds(['train', data, '--out', detector, '--resume']), /finished already/);
  });

  test('evaluate: metrics of the whole and of each score', async () => {
    const result = await json('evaluate', detector, data);
    assert.ok(result.auroc > 0.5 && result.auroc <= 1);
    for (const name of ['averagePrecision', 'recallAtFpr01', 'falseAlarmRate', 'threshold']) {
      assert.equal(typeof result[name], 'number', name);
    }
    assert.equal(result.falseAlarmRateAsked, 0.05);
    assert.deepEqual([result.n, result.positives], [300, 30]);
    assert.deepEqual(Object.keys(result.scores.bound), ['auroc', 'averagePrecision', 'recallAtFpr01']);
    const text = await succeeds(['evaluate', detector, data, '--false-alarm-rate', '10%']);
    assert.match(text, /^normal {5}1-9 \(270 test images of digits\)\nanomalies {2}0 \(30 images\)$/m);
    assert.match(text, /^false alarms {2}asked 10%, measured \S+% of normal images$/m);
  });

  test('evaluate --pictures', async () => {
    const pictures = join(folder, 'pictures');
    await succeeds(['evaluate', detector, data, '--pictures', pictures]);
    const files = readdirSync(pictures).filter((name) => name.endsWith('.png'));
    assert.deepEqual(files.sort(), [
      'anomaly-reconstructions.png',
      'extremes.png',
      'roc-curve.png',
      'score-histogram.png',
    ]);
    assert.ok(files.every((name) => isPng(join(pictures, name))));
  });

  test('score: every row of a path, as CSV and as JSON', async () => {
    const file = join(folder, 'scores.csv');
    assert.match(await succeeds(['score', detector, data, '--out', file]), /800 rows, \d+ anomalies/);
    const [header = '', first = '', ...rest] = readFileSync(file, 'utf8').trimEnd().split('\n');
    assert.match(header, /^row,label,score,p_value,verdict,edgeDensity,/);
    assert.match(first, /^0,\d,-?[\d.e-]+,[\d.e-]+,(normal|anomaly),/);
    assert.equal(rest.length, 799);
    const result = await json('score', detector, data, '--split', 'test');
    assert.equal(result.scores.length, 300);
    assert.deepEqual(Object.keys(result.scores[0]), ['row', 'label', 'score', 'pValue', 'verdict', 'terms']);
    const alarms = result.scores.filter((each: { pValue: number }) => each.pValue <= 0.05).length;
    assert.equal(result.anomalies, alarms, 'verdicts and p-values agree');
  });

  test('score: images without labels have no label column', async () => {
    const alone = join(data, 't10k-images-idx3-ubyte');
    const bare = join(folder, 'images-without-labels');
    copyFileSync(alone, bare);
    assert.match(await succeeds(['score', detector, bare]), /^row,score,p_value/);
  });

  test('score | head ends quietly', async () => {
    const words = [...program, 'score', detector, data, '--quiet'].map((word) => `'${word}'`).join(' ');
    const { stdout, stderr } = await runProgram(['sh', '-c', `${words} | head -n 1`], {});
    assert.equal(stderr, '');
    assert.equal(stdout.split('\n').length, 2);
  });

  test('generate, reconstruct and inspect', async () => {
    const [samples, pairs] = [join(folder, 'new', 'samples.png'), join(folder, 'pairs.svg')];
    assert.equal(
      (await json('generate', detector, '--count', '4', '--seed', '2', '--out', samples)).count,
      4,
    );
    assert.ok(isPng(samples));
    const result = await json(
      'reconstruct',
      detector,
      data,
      '--anomaly',
      '0',
      '--count',
      '5',
      '--out',
      pairs,
    );
    assert.equal(result.rows.length, 5);
    assert.match(readFileSync(pairs, 'utf8'), /^<svg/);
    const details = await json('inspect', detector);
    assert.equal(details.history.length, 4);
    assert.equal(details.files['detector.onnx'], readFileSync(join(detector, 'detector.onnx')).length);
    assert.match(await succeeds(['inspect', detector]), /^normal {8}1-9$/m);
  });

  test('a conditional model draws the class asked for; --overwrite replaces; pictures go elsewhere', async () => {
    const [out, pictures] = [join(folder, 'conditional'), join(folder, 'training-pictures')];
    const words = ['train', data, ...quick, '--epochs', '1', '--out', out, '--quiet'];
    await succeeds([...words, '--pictures', pictures]);
    const before = hashes(out);
    await succeeds([...words, '--conditional', '--overwrite']);
    assert.notDeepEqual(hashes(out), before);
    assert.deepEqual(Object.keys(hashes(out)), Object.keys(before));
    assert.ok(existsSync(join(pictures, 'training-curve.png')));
    await succeeds(['generate', out, '--class', '2', '--out', join(folder, 'twos.png')]);
  });

  test('help and version', async () => {
    assert.match(await succeeds(['--version']), /^\d+\.\d+\.\d+\n$/);
    const help = await succeeds([]);
    assert.equal(await succeeds(['--help']), help);
    for (const name of [
      'demo',
      'train',
      'evaluate',
      'score',
      'generate',
      'reconstruct',
      'inspect',
      'bench',
    ]) {
      assert.match(help, new RegExp(`^  ${name}\\b`, 'm'));
      const { code, stdout } = await oddityHere(['help', name]);
      assert.equal(code, 0);
      assert.match(stdout, /Examples:\n {2}oddity /);
    }
  });
});
