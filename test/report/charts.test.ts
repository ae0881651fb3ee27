import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rocCurve, scoreHistogram, trainingCurve } from '../../src/report/index.ts';
import { countDark, decode, rejectsWith } from './support.ts';

const history = Array.from({ length: 5 }, (_, epoch) => ({
  epoch: epoch + 1,
  losses: { total: 200 / (epoch + 1), 'KL <nats> & "more"': epoch },
  seconds: 61,
}));

test('a training curve has axes with units, a legend and a size', async () => {
  const figure = await trainingCurve(history, { title: 'Training of a test' });
  for (const words of ['loss (nats per image)', 'epoch', 'total', 'KL &lt;nats&gt; &amp;', '5 min 5 s']) {
    assert.ok(figure.svg?.includes(words), words);
  }
  const image = await decode(figure);
  assert.equal(image.width, 1600);
  assert.ok(countDark(image, [56, 44, 400, 96]) > 500);
});

test('a training curve takes one epoch and gaps, not emptiness', async () => {
  await decode(await trainingCurve(history.slice(0, 1)));
  await decode(
    await trainingCurve([...history, { epoch: 6, losses: { total: Number.NaN, late: 1e6 }, seconds: 0.4 }]),
  );
  await rejectsWith('BAD_DATA', trainingCurve([]));
  await rejectsWith('BAD_DATA', trainingCurve([{ epoch: 1, losses: { a: Number.NaN }, seconds: 1 }]));
});

test('a histogram states the threshold and both false-alarm rates', async () => {
  const normal = Float32Array.from({ length: 1000 }, (_, i) => i / 100);
  const anomalous = Float32Array.from({ length: 50 }, (_, i) => 8 + i / 10);
  const figure = await scoreHistogram({ normal, anomalous, threshold: 9.5, askedFalseAlarmRate: 0.05 });
  assert.ok(figure.svg?.includes('threshold 9.5 · false alarms: asked 5%, measured 4.9%'));
  assert.ok(figure.altText.includes('68% of the anomalous images'));
  await decode(figure);
});

test('a histogram takes one kind, equal scores and long tails, not NaN or nothing', async () => {
  const none = new Float32Array(0);
  await decode(await scoreHistogram({ normal: new Float32Array([3]), anomalous: none, threshold: 3 }));
  await decode(await scoreHistogram({ normal: none, anomalous: new Float32Array([1, 2]), threshold: 5000 }));
  const tail = Float32Array.from({ length: 1000 }, (_, i) => (i === 7 ? 1e9 : i % 10));
  const figure = await scoreHistogram({ normal: tail, anomalous: tail, threshold: 9.5 });
  assert.ok(figure.svg?.includes('2 beyond the axis'));
  await decode(figure);
  await rejectsWith('BAD_DATA', scoreHistogram({ normal: none, anomalous: none, threshold: 1 }));
  await rejectsWith(
    'BAD_DATA',
    scoreHistogram({ normal: new Float32Array([Number.NaN]), anomalous: none, threshold: 1 }),
  );
});

test('a ROC curve marks its operating point and thins long curves', async () => {
  const falsePositiveRate = Array.from({ length: 100_001 }, (_, i) => i / 100_000);
  const truePositiveRate = falsePositiveRate.map((rate) => rate ** 0.1);
  const operatingPoint = { falsePositiveRate: 0.01, truePositiveRate: 0.631 };
  const figure = await rocCurve({ falsePositiveRate, truePositiveRate, auroc: 0.90909, operatingPoint });
  assert.ok(figure.svg !== undefined && figure.svg.length < 100_000);
  assert.ok(figure.svg.includes('63.1% caught') && figure.svg.includes('AUROC 0.9091'));
  await decode(figure);
  await decode(await rocCurve({ falsePositiveRate: [0, 1], truePositiveRate: [0, 1], auroc: 0.5 }));
  await rejectsWith('BAD_DATA', rocCurve({ falsePositiveRate: [], truePositiveRate: [], auroc: 0.5 }));
  await rejectsWith(
    'BAD_DATA',
    rocCurve({ falsePositiveRate: [0, 2], truePositiveRate: [0, 1], auroc: 0.5 }),
  );
});
