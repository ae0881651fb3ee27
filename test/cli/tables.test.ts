// Tables through the command line: trained on, scored to files, evaluated with costs, explained, resumed, refused.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import type { Streams } from '../../src/cli/context.ts';
import { runCli } from '../../src/cli/program.ts';
import { createRandom } from '../../src/nn/random.ts';
import { failsWith, hashes, oddityHere, remove, scratch, succeeds } from './support.ts';

const header = 'when,card,kind,a,b,amount,note,fraud';

/** b is twice a, but not for frauds; card and time tell nothing, the note is free text. */
function writeRows(path: string, count: number, seed: string, { frauds = 0.05, from = 0 } = {}): string {
  const random = createRandom(seed);
  const lines = Array.from({ length: count }, (_, i) => {
    const isFraud = i % 7 === 0 && random.uniform() < 7 * frauds;
    const a = random.normal();
    const b = (isFraud ? -2 : 2) * a + (isFraud ? 4 : 0) + 0.1 * random.normal();
    const time = new Date(Date.UTC(2024, 0, 1) + (from + i) * 600_000).toISOString().slice(0, 19);
    const kind = ['food', 'fuel', 'toys'][random.integer(3)];
    const amount = (isFraud ? 50 : 10) + random.integer(40);
    return [
      time,
      `c${random.integer(9)}`,
      kind,
      a.toFixed(4),
      b.toFixed(4),
      amount,
      `n ${i} ${seed}`,
      Number(isFraud),
    ];
  });
  writeFileSync(path, `${header}\n${lines.map((line) => line.join(',')).join('\n')}\n`);
  return path;
}

const quick = [
  '--epochs',
  '2',
  '--members',
  '1',
  '--threads',
  '1',
  '--option',
  'hidden=[16]',
  '--latent-dim',
  '2',
];
const columns = ['--label', 'fraud', '--drop', 'card,when'];

describe('tables', () => {
  const folder = scratch();
  const at = (name: string): string => join(folder, name);
  const [data, fresh, detector] = [at('train.csv'), at('fresh.csv'), at('detector')];
  let trained = { code: null as number | null, stdout: '', stderr: '' };

  before(async () => {
    writeRows(data, 600, 'train');
    writeRows(fresh, 400, 'fresh');
    const words = ['train', data, ...columns, ...quick, '--false-alarm-rate', '5%', '--out', detector];
    trained = await oddityHere([...words, '--json']);
  });
  after(() => remove(folder));

  const json = async (...words: string[]) => JSON.parse(await succeeds([...words, '--json', '--quiet']));
  const linesOf = (file: string): string[] => readFileSync(file, 'utf8').trimEnd().split('\n');

  test('train: the schema is shown and kept, labels choose the rows and are no feature', () => {
    assert.equal(trained.code, 0, trained.stderr);
    assert.match(
      trained.stderr,
      /^8 columns, 4 to learn from: 3 numbers, 1 categories\nname +type +kind +why\n/,
    );
    assert.match(trained.stderr, /^when +timestamp +dropped +as told$/m);
    assert.match(trained.stderr, /^kind +varchar +category +3 values$/m);
    assert.match(trained.stderr, /^note +varchar +identifier +no value twice$/m);
    const normal = linesOf(data).filter((line) => line.endsWith(',0')).length;
    assert.match(
      trained.stderr,
      new RegExp(`: ${normal} rows, those with fraud = 0, without ${600 - normal} anomalies\n`),
    );
    const { rows } = JSON.parse(trained.stdout);
    assert.equal(rows.training + rows.scale + rows.calibration, normal);
    const { data: kept } = JSON.parse(readFileSync(join(detector, 'manifest.json'), 'utf8'));
    assert.deepEqual(
      kept.encoding.columns.map(({ name }: { name: string }) => name),
      ['kind', 'a', 'b', 'amount'],
    );
    assert.deepEqual(kept.source.schema.label, { column: 'fraud', normal: ['0'] });
  });

  test('score: input columns and results, reasons for alarms; the same from Parquet and on standard output', async () => {
    const [csv, parquet, again] = [at('scored.csv'), at('scored.parquet'), at('again.jsonl')];
    assert.match(
      await succeeds(['score', detector, fresh, '--out', csv]),
      /scored\.csv: 400 rows, \d+ anomalies/,
    );
    const [names = '', ...lines] = linesOf(csv);
    assert.equal(names, `${header},score,p_value,verdict,reasons`);
    assert.equal(lines.length, 400);
    for (const [i, line] of linesOf(fresh).slice(1).entries())
      assert.ok(lines[i]?.startsWith(`${line},`), line);
    for (const line of lines) assert.match(line, /,anomaly,\S+ \d+%(; .+)?$|,normal,$/);
    const { rows, anomalies } = await json('score', detector, fresh, '--out', parquet);
    assert.deepEqual([rows, anomalies], [400, lines.filter((line) => line.includes(',anomaly,')).length]);
    await succeeds(['score', detector, parquet, '--out', again, '--quiet']);
    const first = JSON.parse(linesOf(again)[0] ?? '');
    const scored = (lines[0] ?? '').split(',');
    assert.equal(first.oddity_score, Number(scored[8]));
    assert.equal(first.score, Number(scored[8]), 'results of before are kept');
    const out = (await succeeds(['score', detector, fresh])).split('\n');
    assert.match(out[0] ?? '', /^row,score,p_value,verdict,\w+,/);
    assert.equal(out.length, 402);
    assert.ok(Math.abs(Number(out[1]?.split(',')[1]) - Number(scored[8])) < 1e-5);
    assert.equal((await json('score', detector, fresh)).scores.length, 400);
  });

  test('score: columns in another order, more of them, fewer that matter', async () => {
    const swap = (line: string, extra: string): string =>
      [...line.split(',').slice(0, 7).reverse(), extra].join(',');
    const file = at('other.csv');
    writeFileSync(
      file,
      linesOf(fresh)
        .map((line, i) => swap(line, i === 0 ? 'shop' : 'x'))
        .join('\n'),
    );
    const { code, stdout, stderr } = await oddityHere(['score', detector, file, '--json']);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /columns unknown to the detector, not looked at: shop\n/);
    const scores = (text: string) => JSON.parse(text).scores.map(({ score }: { score: number }) => score);
    assert.deepEqual(scores(stdout), scores(JSON.stringify(await json('score', detector, fresh))));
    writeFileSync(file, linesOf(fresh).join('\n').replace(',amount,', ',amuont,'));
    await failsWith(['score', detector, file], 4, /none named 'amount'; rename 'amuont' if that is the one/);
  });

  test('evaluate: metrics, costs, and a threshold that score takes', async () => {
    const costs = at('costs.csv');
    const words = ['evaluate', detector, fresh, '--amount', 'amount', '--cost-alarm', '5', '--top', '10'];
    const result = await json(...words, '--costs', costs);
    const labels = linesOf(fresh)
      .slice(1)
      .map((line) => line.split(','));
    const frauds = labels.filter((cells) => cells[7] === '1');
    assert.deepEqual(
      [result.n, result.positives, result.baseRate],
      [400, frauds.length, frauds.length / 400],
    );
    assert.ok(result.auroc > 0.6, String(result.auroc));
    assert.deepEqual(Object.keys(result.precisionAt), ['10', String(frauds.length)]);
    const total = frauds.reduce((sum, cells) => sum + Number(cells[5]), 0);
    assert.equal(result.costs.doingNothing, total);
    assert.equal(result.costs.saved + result.costs.lost, total);
    const prices = linesOf(costs)
      .slice(1)
      .map((line) => Number(line.split(',').at(-1)));
    assert.equal(Math.min(...prices), result.costs.cost);
    assert.equal(prices[0], total);
    const { anomalies } = await json('score', detector, fresh, '--threshold', String(result.costs.threshold));
    assert.equal(anomalies, result.costs.alarms);
    const printed = await succeeds(words);
    assert.match(printed, /^anomalies {2}fraud = 1 \(\d+ rows\)$/m);
    assert.match(printed, /^cheapest +\S+ +\d+ /m);
    assert.match(printed, /The cheapest saves .* --threshold \S+\n/s);
    const other = await json('evaluate', detector, fresh, '--label', 'card', '--normal', 'c1,c2');
    assert.equal(other.label.column, 'card');
  });

  test('explain: parts that sum to the score, what was expected, the nearest normal row', async () => {
    const file = at('row.json');
    writeFileSync(
      file,
      JSON.stringify({ when: null, kind: 'boats', a: 1, b: -9, amount: 20, note: '' }, null, 2),
    );
    const { rows } = await json('explain', detector, file);
    const [row] = rows;
    assert.equal(row.verdict, 'anomaly');
    assert.ok(Math.abs(row.sum - row.score) < 1e-3 * Math.abs(row.score));
    assert.deepEqual(Object.keys(row.columns[0]), [
      'name',
      'value',
      'expected',
      'nearestNormal',
      'contribution',
    ]);
    const byName = new Map(row.columns.map((column: { name: string }) => [column.name, column]));
    assert.deepEqual([...byName.keys()].sort(), ['a', 'amount', 'b', 'kind']);
    assert.equal((byName.get('kind') as { value: string }).value, 'boats');
    assert.ok(['food', 'fuel', 'toys'].includes((byName.get('kind') as { expected: string }).expected));
    const printed = await succeeds(['explain', detector, fresh, '--row', '399,3', '--top', '2']);
    assert.match(printed, /^row {6}3\n(.*\n)+row {6}399\n/m);
    assert.match(printed, /^2 others/m);
    assert.match(printed, /The parts sum to (\S+), the score is \1\.\n$/);
    await failsWith(['explain', detector, fresh, '--row', '400'], 2, /rows from 0 to 399/);
  });

  test('inspect, generate and reconstruct', async () => {
    const printed = await succeeds(['inspect', detector]);
    assert.match(printed, /^normal +fraud = 0$/m);
    assert.match(printed, /^amount +bigint +number$/m);
    const file = at('made-up.csv');
    await succeeds(['generate', detector, '--count', '5', '--out', file]);
    assert.deepEqual([linesOf(file).length, linesOf(file)[0]], [6, 'kind,a,b,amount']);
    assert.match(await succeeds(['generate', detector, '--count', '1']), /^kind,a,b,amount\n\w+,/);
    await failsWith(['generate', detector, '--out', at('x.png')], 2, /ending in \.csv/);
    await failsWith(
      ['reconstruct', detector, fresh, '--out', at('x.png')],
      6,
      /knows a table.*oddity explain/,
    );
  });

  test('corrections from a file, flags win; without a label all rows are taken, and said to be', async () => {
    const config = at('config.json');
    const table = { drop: ['card', 'when', 'fraud'], number: ['b'], category: ['amount'] };
    writeFileSync(config, JSON.stringify({ epochs: 1, table }));
    const words = ['train', data, '--config', config, ...quick.slice(2), '--out', at('configured')];
    const { code, stderr } = await oddityHere([...words, '--drop', 'card,when,fraud,a']);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^a +double +dropped +as told$/m);
    assert.match(stderr, /^amount +bigint +category +as told$/m);
    assert.match(stderr, /600 rows, all taken as normal: no label column was named with --label\n/);
    await failsWith(
      ['evaluate', at('configured'), fresh],
      2,
      /trained without a label; name its column with --label/,
    );
    assert.equal((await json('evaluate', at('configured'), fresh, '--label', 'fraud')).n, 400);
    writeFileSync(config, JSON.stringify({ table: { dorp: ['a'] } }));
    await failsWith(words, 2, /config\.json is wrong at 'table'.*dorp/);
  });

  test('profiles over time, with a history to score by; the newest rows calibrate', async () => {
    const [later, out] = [writeRows(at('later.csv'), 100, 'later', { from: 600 }), at('profiled')];
    const shape = ['--label', 'fraud', '--time', 'when', '--entity', 'card'];
    const run = await oddityHere(['train', data, ...shape, ...quick, '--out', out]);
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stderr, /^card: mean amount in 7 d +double +number$/m);
    const { training } = JSON.parse(await succeeds(['inspect', out, '--json']));
    assert.equal(training.split, 'ordered');
    const alone = await oddityHere(['score', out, later, '--json']);
    assert.match(alone.stderr, /give the rows before them with --history/);
    const known = await json('score', out, later, '--history', data);
    assert.equal(known.rows, 100);
    assert.notDeepEqual(known.scores, JSON.parse(alone.stdout).scores);
    await failsWith(['score', detector, fresh, '--history', data], 2, /trained with --time and --entity/);
  });

  test('windows, and files without a header', async () => {
    const [bare, out] = [at('bare.csv'), at('windows')];
    const cells = linesOf(data)
      .slice(1)
      .map((line) => line.split(',').slice(3, 6).join(' '));
    writeFileSync(bare, `${cells.join('\n')}\n`);
    const words = ['train', bare, '--no-header', '--columns', 'x,y,z', '--window', '5', '--sensor', 'x,y'];
    await succeeds([...words, ...quick, '--out', out, '--quiet']);
    const { rows, scores } = await json('score', out, bare);
    assert.deepEqual([rows, scores.length], [596, 596]);
    const scored = at('windows.csv');
    await succeeds(['score', out, bare, '--out', scored]);
    assert.equal(linesOf(scored)[0], 'x,y,z,score,p_value,verdict,reasons');
  });

  test('bad rows fail with their line, or are skipped, counted and kept', async () => {
    const [file, rejects, out] = [at('bad.csv'), at('rejects.csv'), at('good.csv')];
    const lines = linesOf(fresh);
    lines[5] = (lines[5] ?? '').replace(/,[^,]+(,[^,]+,\d+,)/, ',x$1');
    lines[9] = 'one,two';
    writeFileSync(file, lines.join('\n'));
    await failsWith(
      ['score', detector, file],
      4,
      /bad\.csv, line 6, column 'a': expected a number, got 'x'.*skip/,
    );
    const words = ['score', detector, file, '--rejects', rejects, '--out', out, '--json'];
    const { code, stdout, stderr } = await oddityHere(words);
    assert.equal(code, 0, stderr);
    assert.deepEqual([JSON.parse(stdout).rows, JSON.parse(stdout).rejected], [398, 2]);
    assert.match(stderr, /2 bad rows left out, the first of them .* line 6/);
    assert.equal(linesOf(rejects).length, 3);
    assert.equal(linesOf(out).length, 399);
  });

  test('a run that is stopped goes on to equal weights; other words are refused', async () => {
    const [out, whole] = [at('stopped'), at('whole')];
    const words = ['train', data, ...columns, ...quick, '--epochs', '4', '--out'];
    const controller = new AbortController();
    const stderr = new PassThrough();
    stderr.on('data', (chunk) => {
      if (String(chunk).includes('epoch 1/4')) controller.abort();
    });
    const streams = { stdout: new PassThrough(), stderr } as unknown as Streams;
    const said = text(stderr);
    assert.equal(await runCli([...words, out], streams, controller.signal), 130);
    stderr.end();
    assert.match(await said, /stopped; \S+ holds epoch \d of 4; go on with/);
    await failsWith(
      ['train', data, '--label', 'fraud', ...quick, '--epochs', '4', '--out', out, '--resume'],
      2,
      /column 'when' as time/,
    );
    await failsWith(['train', fresh, ...words.slice(2), out, '--resume'], 4, /other rows/);
    await succeeds([...words, out, '--resume', '--quiet']);
    await succeeds([...words, whole, '--quiet']);
    assert.equal(hashes(out)['weights.safetensors'], hashes(whole)['weights.safetensors']);
    assert.ok(!existsSync(join(out, 'checkpoint.safetensors')));
    await failsWith([...words, out], 2, /holds a finished detector/);
    await succeeds([...words, out, '--overwrite', '--quiet']);
  });

  test('words that make no sense: code 2', async () => {
    const out = ['--out', at('none')];
    await failsWith(
      ['train', data, '--label', 'fruad', ...out],
      2,
      /--label: .* got 'fruad'; did you mean 'fraud'\?/,
    );
    await failsWith(['train', data, '--drop', 'crd', ...out], 2, /--drop: .*; did you mean 'card'\?/);
    await failsWith(['train', data, ...columns, '--number', 'fraud', ...out], 2, /each column in one place/);
    await failsWith(['train', data, '--normal', '0', ...out], 2, /--normal needs --label/);
    await failsWith(
      ['train', data, ...columns, '--normal', '2', ...out],
      2,
      /values of the label 'fraud' \('0', '1'\)/,
    );
    await failsWith(['train', data, '--entity', 'card', ...out], 2, /--entity needs --time/);
    await failsWith(['train', data, '--conditional', ...out], 2, /--conditional is for images/);
    await failsWith(['train', 'digits', '--label', 'x', ...out], 2, /--label is for tables/);
    await failsWith(['score', detector, fresh, '--out', at('x.txt')], 2, /ending in \.parquet, \.csv/);
    await failsWith(['score', detector, fresh, '--split', 'test'], 2, /--split is for images/);
    await failsWith(['evaluate', detector, fresh, '--amount', 'amout'], 2, /did you mean 'amount'\?/);
    await failsWith(['evaluate', detector, fresh, '--costs', 'x.csv'], 2, /need --amount/);
    assert.ok(!existsSync(at('none')));
  });

  test('data that is not there, or teaches nothing: codes 3 and 4', async () => {
    const out = ['--out', at('none'), ...quick];
    const file = at('odd.csv');
    const trainOn = (lines: readonly string[], ...words: string[]) => {
      writeFileSync(file, `${lines.join('\n')}\n`);
      return ['train', file, ...words, ...out];
    };
    await failsWith(['train', at('nowhere.csv'), ...out], 3, /got nothing there/);
    await failsWith(['score', detector, at('nowhere.csv')], 3, /got nothing there/);
    writeFileSync(file, '');
    await failsWith(['train', file, ...out], 4, /empty/);
    await failsWith(trainOn([header]), 4, /only a header/);
    const rows = linesOf(data).slice(1);
    const bad = rows.filter((line) => line.endsWith(',1'));
    await failsWith(trainOn([header, ...bad], '--label', 'fraud'), 4, /labelled '0', got \d+ anomalous rows/);
    await failsWith(
      trainOn([header, ...rows.slice(0, 1)], '--label', 'fraud'),
      4,
      /at least 20 normal rows, got 1|expected/,
    );
    await failsWith(
      trainOn(['x,y', ...rows.map(() => '1,2')]),
      4,
      /numbers or categories to learn from, got 'x' \(constant\)/,
    );
    await failsWith(
      ['evaluate', detector, at('scored.csv'), '--label', 'kind', '--normal', 'food'],
      2,
      /learnt from 'kind'/,
    );
    writeFileSync(file, [header, ...rows.filter((line) => line.endsWith(',0'))].join('\n'));
    await failsWith(['evaluate', detector, file], 4, /normal and anomalous rows, got \d+ and 0/);
    writeFileSync(file, linesOf(fresh).join('\n').replace(',fraud', ',other'));
    await failsWith(['evaluate', detector, file], 4, /expected the label 'fraud', got no such column/);
    assert.ok(!existsSync(at('none')));
  });
});
