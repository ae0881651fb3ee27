// The conformal promise on fresh rows of the same source: a tenth of each class's training images is kept from
// everything and then scored; how many raise an alarm at the rate asked for?
// node --import tsx -C oddity-source bench/promise.ts [mnist|fashion-mnist] [rate]
import { rowsOfClasses, selectRows, splitRows } from '../src/data/select.ts';
import { openDataset } from '../src/data/sources.ts';
import { train } from '../src/detect/train.ts';

const [name = 'mnist', text = '0.02'] = process.argv.slice(2);
const rate = Number(text);
const { train: images, classNames } = await openDataset(name);
let [alarms, fresh, expectedVariance] = [0, 0, 0];
for (const label of classNames.keys()) {
  const { normal } = rowsOfClasses(images, { normal: [label] }, classNames);
  const parts = splitRows(images, { rows: normal, calibrationFraction: 0.1, seed: 'promise' });
  const detector = await train(selectRows(images, parts.training), { session: { threads: 1 } });
  const verdicts = await detector.predict(selectRows(images, parts.calibration), { falseAlarmRate: rate });
  const count = verdicts.reduce((sum, verdict) => sum + verdict, 0);
  // Both the fresh rows and the calibration rows are samples: binomial and beta variance add up.
  const { calibration } = detector.manifest.data.rows;
  const deviation = Math.sqrt(rate * (1 - rate) * (1 / verdicts.length + 1 / (calibration + 2)));
  await detector.close();
  alarms += count;
  fresh += verdicts.length;
  expectedVariance += (deviation * verdicts.length) ** 2;
  const share = (100 * count) / verdicts.length;
  const within = Math.abs(share / 100 - rate) <= 2.58 * deviation;
  console.log(
    `${classNames[label]}: ${count} of ${verdicts.length} fresh rows, ${share.toFixed(2)} %, ` +
      `${within ? 'within' : 'OUTSIDE'} ${(100 * rate).toFixed(1)} % +- ${(258 * deviation).toFixed(2)} (99 %)`,
  );
}
const interval = (2.58 * Math.sqrt(expectedVariance)) / fresh;
console.log(
  `all: ${((100 * alarms) / fresh).toFixed(2)} %, asked ${(100 * rate).toFixed(2)} % +- ${(100 * interval).toFixed(2)} (99 %)`,
);
