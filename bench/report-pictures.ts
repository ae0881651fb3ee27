// The pictures of docs/report.md: a report on MNIST and one on Fashion-MNIST, and some of their figures copied. About 20
// minutes on two slow cores. `npm run pictures`
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { watchInterrupts } from '../src/cli/interrupts.ts';
import { runCli } from '../src/cli/program.ts';

const folder = fileURLToPath(new URL('../docs/pictures/report', import.meta.url));
const figures = [
  ...[
    'comparison-samples',
    'detection-heat-vae',
    'detection-promise',
    'detection-roc',
    'detection-scores-vae',
  ],
  ...['generation-classes', 'generation-grid-vae', 'generation-walks-dcgan', 'generation-walks-vae'],
  ...['latent-tsne-dcgan', 'latent-tsne-vae', 'training-diversity', 'training-samples'],
];

const signal = watchInterrupts();
await mkdir(folder, { recursive: true });
for (const data of ['mnist', 'fashion-mnist']) {
  const out = await mkdtemp(join(tmpdir(), 'oddity-pictures-'));
  const words = ['report', data, '--models', 'vae,dcgan', '--epochs', '15', '--out', out];
  const code = await runCli(words, process, signal);
  if (code !== 0) process.exit(code);
  for (const name of figures) {
    await copyFile(join(out, 'figures', `${name}.png`), join(folder, `${data}-${name}.png`));
  }
  await rm(out, { recursive: true });
}
