// A small detector trained on the built-in digits in a few seconds, shared by the tests of one file.
import { createDigits } from '../src/data/digits.ts';
import { rowsOfClasses, selectRows } from '../src/data/select.ts';
import { type TrainOptions, train } from '../src/detect/train.ts';

export const digits = createDigits({ seed: 7, trainCount: 1500, testCount: 600 });
/** Every digit but 0 is normal. */
export const normalDigits = selectRows(digits.train, rowsOfClasses(digits.train, { anomaly: [0] }).normal);

export const tinyOptions: TrainOptions = {
  name: 'digits',
  classNames: digits.classNames,
  normalClasses: [1, 2, 3, 4, 5, 6, 7, 8, 9],
  options: { latentDim: 4, boundSamples: 2 },
  epochs: 2,
  batchSize: 100,
  seed: 3,
  session: { threads: 1 },
};

export const trainTiny = (options: TrainOptions = {}) => train(normalDigits, { ...tinyOptions, ...options });
