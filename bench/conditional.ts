// How often a class-conditional model draws the class that it was asked for, by the classifier of that data set.
// node --import tsx -C oddity-source bench/conditional.ts [mnist|fashion-mnist] [model] [epochs] [name=value ...]
import { join } from 'node:path';
import { cacheFolder, openDataset } from '../src/data/sources.ts';
import { parseChoices, settingsFor } from '../src/detect/settings.ts';
import { openGenerator } from '../src/evaluate/comparison/generator.ts';
import { trainOnce } from '../src/evaluate/comparison/run.ts';
import { openClassifier } from '../src/evaluate/generation/classifier.ts';
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
const built = models[settings.model].create(train.shape, settings.options);
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

// Classes in turn, as the generator draws them unless told otherwise.
const generator = openGenerator(built, weights);
const count = perClass * classNames.length;
const { labels } = await classifier.look(await generator.decode(generator.drawLatents(count, 'conditional')));
await generator.close();
await classifier.close();
const hits = classNames.map(
  (_, label) =>
    labels.filter((verdict, row) => row % classNames.length === label && verdict === label).length,
);
for (const [label, className] of classNames.entries()) {
  console.log(`${className.padEnd(12)} ${((100 * hits[label]!) / perClass).toFixed(1)} %`);
}
const right = hits.reduce((sum, each) => sum + each, 0);
console.log(`all          ${((100 * right) / count).toFixed(2)} % are of the class asked for`);
