// Adversarial models through the command line: trained, watched, asked for classes, scored; and what is refused.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  failsWith,
  isOneLine,
  type Outcome,
  oddityHere,
  remove,
  scratch,
  succeeds,
  writeDigits,
} from './support.ts';

describe('adversarial models', () => {
  const folder = scratch();
  const data = join(folder, 'digits');
  const [conditional, single] = [join(folder, 'conditional'), join(folder, 'single')];
  const small = [
    '--threads',
    '1',
    '--false-alarm-rate',
    '0.2',
    '--option',
    'channels=4',
    '--latent-dim',
    '4',
  ];
  const search = ['--option', 'searchSteps=1', '--option', 'searchCandidates=20'];
  let trained: Outcome;

  before(async () => {
    writeDigits(data);
    const gan = ['train', data, '--model', 'dcgan', '--conditional', '--epochs', '3', ...search, ...small];
    trained = await oddityHere([...gan, '--out', conditional]);
    await succeeds([
      'train',
      data,
      '--model',
      'fanogan',
      '--normal',
      '1',
      '--epochs',
      '2',
      ...small,
      '--out',
      single,
    ]);
  });
  after(() => remove(folder));

  test('each epoch says how diverse the draws are; one that draws too little is warned of', () => {
    assert.equal(trained.code, 0, trained.stderr);
    assert.match(
      trained.stderr,
      /epoch 1\/3 {2}adversary .* {2}generator .* {2}diversity .* {2}missingClasses \d/,
    );
    // Three epochs of four steps draw grey noise.
    assert.match(trained.stderr, /\nwarning: epoch [123]: the model draws too little of what it was shown: /);
  });

  test('generate: of a class from a conditional model, or from one trained on that class alone', async () => {
    for (const [detector, label] of [
      [conditional, '3'],
      [single, '1'],
    ] as const) {
      const out = join(folder, `${label}.png`);
      await succeeds(['generate', detector, '--class', label, '--count', '5', '--out', out]);
      assert.ok(existsSync(out));
    }
    const out = join(folder, 'none.png');
    await failsWith(
      ['generate', single, '--class', '3', '--out', out],
      2,
      /trained on 1, got 3; ask for one of those/,
    );
    await failsWith(
      ['generate', conditional, '--class', 'shoe', '--out', out],
      2,
      /expected a class.*'shoe'/,
    );
    assert.equal(existsSync(out), false);
  });

  test('evaluate: the residuals of image and features are scores', async () => {
    const found = JSON.parse(await succeeds(['evaluate', single, data, '--json', '--quiet']));
    for (const name of ['reconstruction', 'featureReconstruction', 'latentDensity', 'realness']) {
      assert.ok(found.scores[name].auroc > 0, name);
    }
  });

  test('requests that make no sense, each one line', async () => {
    const train = ['train', data, '--out', join(folder, 'refused'), '--model'];
    await failsWith(
      [...train, 'fanogan', '--conditional'],
      2,
      /cannot be told of classes; .*choose vae, dcgan, vaegan/,
    );
    await failsWith([...train, 'fanogan', '--epochs', '1'], 2, /2 stages \(gan, then encoder\).*got 1/);
    await failsWith(
      [...train, 'dcgan', '--option', 'objectives=hinge'],
      2,
      /has no 'objectives'; it has .*objective/,
    );
    await failsWith([...train, 'dcgan', '--option', 'objective=best'], 2, /'objective'.*"hinge"/);
    isOneLine(await oddityHere([...train, 'dcgan', '--option', 'objective']), 2, /name=value.*--help/);
    await failsWith(['bench', 'mnist-stacked', '--classes', '1'], 2, /uses all classes/);
  });
});
