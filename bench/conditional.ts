// How often a class-conditional model draws the class that it was asked for, by the classifier of that data set.
// node --import tsx -C oddity-source bench/conditional.ts [mnist|fashion-mnist] [model] [epochs] [name=value ...]
import { join } from 'node:path';
import { cacheFolder, openDataset } from '../src/data/sources.ts';
import { parseChoices, settingsFor } from '../src/detect/settings.ts';
import { openGenerator } from '../src/evaluate/comparison/generator.ts';
import { trainOnce } from '../src/evaluate/comparison/run.ts';
import { openClassifier } from '../src/evaluate/generation/classifier.ts';
import { imageDomain } from '../src/models/image-domain.ts';
import { models } from '../src/models/index.ts';

const [name = 'mnist', model = 'dcgan', epochs, ...pairs] = process.argv.slice(2);
const perClass = 1000;
const given = pairs.map((pair) => pair.split('=') as [string, string]);
const dataset = await openDataset(name);
const { classNames, train } = dataset;
const classifier = await openClassifier(dataset, { cache: join(cacheFolder(), 'classifiers') });
const options = Object.fromEntries(
  given.map(([key, value]) => [key, Number.isNaN(Number(value)) ? value : Number(value)]),
);
const choices = parseChoices(
  {
    model,
    ...(epochs === undefined ? {} : { epochs: Number(epochs) }),
    options: { ...options, classes: classNames.length },
  },
  'The command line',
);
const settings = settingsFor(choices, train.count);
const built = models[settings.model].create(imageDomain(train.shape), settings.options);
const training = trainOnce(built, train, settings, [], {});
let next = await training.next();
for (; !next.done; next = await training.next()) {
  if (process.stderr.isTTY) process.stderr.write(`\rtraining ${(100 * next.value).toFixed(0)} %`);
}
const { weights, seconds } = next.value;
console.log(
  `${name}, ${model} ${JSON.stringify(settings.options)}, ${settings.epochs} epochs in ${seconds.toFixed(0)} s`,
);
console.log(
  `classifier: ${(100 * classifier.accuracy).toFixed(2)} % right on test images, ${classifier.hash.slice(0, 12)}`,
);

const generator = openGenerator(built, weights);
const count = perClass * classNames.length;
const drawn = await generator.decode(generator.drawLatents(count, 'conditional'));
const { labels } = await classifier.look(drawn);
await generator.close();
await classifier.close();
const isRight = labels.map((label, row) => Number(label === drawn.labels?.[row]));
const share = (rights: Uint8Array): number =>
  (100 * rights.reduce((sum, each) => sum + each, 0)) / rights.length;
for (const [label, className] of classNames.entries()) {
  const ofClass = isRight.filter((_, row) => drawn.labels?.[row] === label);
  console.log(`${className.padEnd(12)} ${share(ofClass).toFixed(1)} %`);
}
console.log(`all          ${share(isRight).toFixed(2)} % are of the class asked for`);
