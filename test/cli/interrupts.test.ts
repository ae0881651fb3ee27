// A training that is stopped, or killed, goes on and ends as if nothing had happened, bit for bit.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  hashes,
  isOneLine,
  oddity,
  oddityHere,
  quick,
  remove,
  scratch,
  succeeds,
  writeDigits,
} from './support.ts';

const epochs = 5;

describe('interrupted training', () => {
  const folder = scratch();
  const data = join(folder, 'digits');
  const words = ['train', data, ...quick, '--epochs', String(epochs), '--members', '2', '--out'];
  const weightsOf = (out: string): string | undefined => hashes(out)['weights.safetensors'];
  let unbroken: string | undefined;

  before(async () => {
    writeDigits(data);
    const out = join(folder, 'unbroken');
    await succeeds([...words, out, '--quiet']);
    unbroken = weightsOf(out);
  });
  after(() => remove(folder));

  test('Ctrl-C keeps the last epoch and says how to go on; going on ends with equal weights', async () => {
    const out = join(folder, 'stopped');
    let sent = false;
    const stopped = await oddity([...words, out], {
      onStderr(text, child) {
        if (sent || !text.includes('network 2/2 epoch 1/5')) return;
        sent = true;
        child.kill('SIGINT');
      },
    });
    assert.equal(stopped.code, 130, stopped.stderr);
    const last = stopped.stderr.trimEnd().split('\n').at(-1) ?? '';
    assert.match(last, /^oddity: stopped; \S+ holds network 2 of 2, epoch \d of 5; go on with: /);
    const again = last.split('go on with: npm run -s oddity -- ')[1]?.split(' ') ?? [];
    assert.deepEqual(again, [...words, out, '--resume']);
    assert.ok(existsSync(join(out, 'checkpoint.safetensors')));

    const unfinished = /training did not finish.*--resume/;
    isOneLine(await oddityHere(['score', out, data, '--quiet']), 5, unfinished);
    isOneLine(await oddityHere([...words, out, '--quiet']), 2, /did not finish; go on with --resume/);
    const other = await oddityHere([...again, '--latent-dim', '5', '--quiet']);
    isOneLine(other, 2, /the run to resume has latentDim 4, got 5/);
    const others = ['train', data, '--out', out, '--resume', '--quiet'];
    isOneLine(await oddityHere([...others, '--normal', '3']), 2, /has as normal 1-9, got 3/);
    isOneLine(await oddityHere(['train', 'digits', ...others.slice(2)]), 4, /other rows/);

    await succeeds([...again, '--quiet'], {});
    assert.equal(weightsOf(out), unbroken);
    assert.ok(!existsSync(join(out, 'checkpoint.safetensors')));
  });

  test('SIGTERM before the first epoch leaves nothing behind', async () => {
    const out = join(folder, 'early');
    const stopped = await oddity(['train', 'digits', '--out', out], {
      onStderr(text, child) {
        if (/^training on[^\n]*\n$/.test(text)) child.kill('SIGTERM');
      },
    });
    assert.equal(stopped.code, 130, stopped.stderr);
    assert.match(stopped.stderr, /\noddity: stopped before the first epoch was done; [^\n]+\n$/);
    assert.ok(!existsSync(out));
  });

  test('SIGKILL at random moments: what is left can be resumed, to equal weights', async () => {
    const out = join(folder, 'killed');
    let kills = 0;
    for (let attempt = 0; attempt < 20; attempt++) {
      const begun = existsSync(join(out, 'checkpoint.safetensors'));
      let armed = kills < 3;
      const run = await oddity([...words, out, ...(begun ? ['--resume'] : [])], {
        onStderr(text, child) {
          if (!armed || !text.includes('epoch')) return;
          armed = false;
          sleep(Math.random() * 400).then(() => child.kill('SIGKILL'));
        },
      });
      if (run.signal === 'SIGKILL') kills++;
      else {
        assert.equal(run.code, 0, run.stderr);
        break;
      }
    }
    assert.ok(kills > 0, 'at least one attempt was killed');
    assert.equal(weightsOf(out), unbroken);
    assert.ok(
      Object.keys(hashes(out)).every((name) => !name.startsWith('.')),
      'no part is left behind',
    );
  });
});
