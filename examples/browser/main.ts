// Trains a VAE on drawn digits in the tab with its loss live, then shows what it makes and what it finds odd.
import { createDigits, type ImageSet, OddityError, rowsOfClasses, selectRows, trainSteps } from 'oddity';

const element = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const button = element<HTMLButtonElement>('start');
const status = element<HTMLOutputElement>('status');

button.addEventListener('click', async () => {
  button.disabled = true;
  try {
    await run();
  } catch (error) {
    status.textContent = error instanceof OddityError ? `${error.code}: ${error.message}` : String(error);
  }
  button.disabled = false;
});

async function run(): Promise<void> {
  const digits = createDigits({ trainCount: 3000, testCount: 600 });
  const normal = selectRows(digits.train, rowsOfClasses(digits.train, { anomaly: [4] }).normal);
  const losses: number[] = [];
  const training = trainSteps(normal, { epochs: 8, batchSize: 64, options: { boundSamples: 1 } });
  let next = await training.next();
  for (; !next.done; next = await training.next()) {
    const record = next.value;
    if (record.kind === 'calibrating') {
      status.textContent = 'calibrating';
      continue;
    }
    losses.push(Object.values(record.losses).reduce((sum, loss) => sum + loss, 0));
    drawCurve(element('loss'), losses);
    status.textContent = `epoch ${record.epoch} of ${record.epochs}: loss ${losses.at(-1)?.toFixed(1)}`;
    await new Promise(requestAnimationFrame);
  }
  const detector = next.value;
  drawImages(element('samples'), await detector.generate(20, { seed: 1 }));
  const { score } = await detector.score(digits.test);
  const oddest = Array.from(score.keys()).sort((a, b) => (score[b] ?? 0) - (score[a] ?? 0));
  const found = selectRows(digits.test, oddest.slice(0, 20));
  drawImages(element('anomalies'), found);
  const fours = found.labels?.filter((label) => label === 4).length;
  status.textContent = `done: ${fours} of the 20 most anomalous images are 4s, a digit never seen`;
  await detector.close();
}

function drawCurve(canvas: HTMLCanvasElement, values: readonly number[]): void {
  const pen = canvas.getContext('2d') as CanvasRenderingContext2D;
  const { width, height } = canvas;
  const most = Math.max(...values);
  pen.clearRect(0, 0, width, height);
  pen.beginPath();
  for (const [i, value] of values.entries()) {
    pen.lineTo((i / Math.max(1, values.length - 1)) * width, height - (value / most) * (height - 8));
  }
  pen.strokeStyle = '#2563eb';
  pen.lineWidth = 2;
  pen.stroke();
}

function drawImages(canvas: HTMLCanvasElement, { shape, count, pixels }: ImageSet, columns = 10): void {
  const [height, width] = shape;
  canvas.width = columns * width;
  canvas.height = Math.ceil(count / columns) * height;
  const pen = canvas.getContext('2d') as CanvasRenderingContext2D;
  for (let i = 0; i < count; i++) {
    const image = pen.createImageData(width, height);
    for (let p = 0; p < width * height; p++) {
      const grey = pixels[i * width * height + p] ?? 0;
      image.data.set([grey, grey, grey, 255], 4 * p);
    }
    pen.putImageData(image, (i % columns) * width, Math.floor(i / columns) * height);
  }
}
