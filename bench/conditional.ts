// How often a class-conditional VAE draws the class that it was asked for, judged by the 5 nearest training images.
// node --import tsx -C oddity-source bench/conditional.ts [epochs] [latentDim]
import { selectRows } from '../src/data/select.ts';
import { openDataset } from '../src/data/sources.ts';
import { train } from '../src/detect/train.ts';

const [epochs = '10', latentDim = '16'] = process.argv.slice(2);
const perClass = 50;
const judges = 4000;
const neighbours = 5;

const { train: images, classNames } = await openDataset('mnist');
const every = Array.from({ length: images.count }, (_, row) => row);
const jury = selectRows(images, every.slice(-judges));
const detector = await train(selectRows(images, every.slice(0, -judges)), {
  epochs: Number(epochs),
  options: { classes: classNames.length, latentDim: Number(latentDim), boundSamples: 1 },
});

/** The commonest label among the jury's images nearest to `pixels`. */
function verdictOn(pixels: Uint8Array): number {
  const distances = Array.from({ length: jury.count }, (_, row) => {
    let sum = 0;
    for (const [i, value] of pixels.entries()) sum += (value - jury.pixels[row * pixels.length + i]!) ** 2;
    return { sum, label: jury.labels![row]! };
  });
  const votes = new Array<number>(classNames.length).fill(0);
  for (const { label } of distances.sort((a, b) => a.sum - b.sum).slice(0, neighbours)) votes[label]!++;
  return votes.indexOf(Math.max(...votes));
}

let right = 0;
for (const label of classNames.keys()) {
  const { pixels } = await detector.generate(perClass, { class: label });
  const size = pixels.length / perClass;
  const hits = Array.from({ length: perClass }, (_, i) =>
    verdictOn(pixels.subarray(i * size, (i + 1) * size)),
  ).filter((verdict) => verdict === label).length;
  right += hits;
  console.log(`${classNames[label]}  ${hits} of ${perClass}`);
}
console.log(
  `all  ${((100 * right) / (perClass * classNames.length)).toFixed(1)} % are of the class asked for`,
);
await detector.close();
