// What the models draw: samples, their nearest training images, one class, walks through latent space.
import type { ImageSet } from '../../data/dataset.ts';
import { joinSets, selectRows } from '../../data/select.ts';
import type { Exhibition, ModelExhibit } from '../../evaluate/exhibition/records.ts';
import { modelColour, realColour } from '../colours.ts';
import { formatNumber } from '../format.ts';
import type { Section } from '../page/document.ts';
import { type ImagePanel, imageFigure } from '../page/image-figure.ts';
import type { ReportFigure } from '../page/report-figure.ts';

export async function generationSection({ models, test, isAnomaly }: Exhibition): Promise<Section> {
  const normal = Array.from({ length: test.count }, (_, row) => row).filter((row) => isAnomaly?.[row] !== 1);
  const { labels: _, ...real } = selectRows(test, evenly(normal, 10));
  const figures: ReportFigure[] = [
    await imageFigure({
      name: 'generation-samples',
      title: 'New images that each model draws, and real ones',
      caption: 'The first ten drawn, none chosen.',
      altText: `10 real test images and 10 drawn by each of ${models.map(({ name }) => name).join(', ')}.`,
      panels: [
        { heading: 'real test images', colour: realColour, images: real },
        ...models.map(({ name, generation }, i) => ({
          heading: name,
          colour: modelColour(i),
          images: generation.samples,
        })),
      ],
    }),
    await imageFigure({
      name: 'generation-nearest',
      title: 'Each sample over the training image nearest to it',
      caption:
        'Copies would show that a model has learnt by heart. Captions: root mean square difference of the pixels, 0 for a copy.',
      altText: models
        .map(
          ({ name, generation: { distances } }) =>
            `${name}: the nearest training images differ by ${formatNumber(Math.min(...distances))} to ${formatNumber(Math.max(...distances))}`,
        )
        .join('; ')
        .concat('.'),
      panels: models.flatMap(({ name, generation }, i) => [
        { heading: `${name}: samples`, colour: modelColour(i), images: generation.samples },
        {
          heading: `${name}: nearest training images`,
          colour: realColour,
          images: generation.nearest,
          captions: generation.distances.map((distance) => distance.toFixed(2)),
        },
      ]),
    }),
  ];
  const ofClass = models.flatMap(({ name, generation }, i) =>
    generation.ofClass
      .filter(({ images }) => images.count > 0)
      .map(
        (each): ImagePanel => ({
          heading: `${name}: ${each.name}${each.how === 'found' ? `, found among ${each.drawn} draws` : ', asked for'}`,
          colour: modelColour(i),
          images: each.images,
        }),
      ),
  );
  if (ofClass.length > 0) {
    const isFound = models.some(({ generation }) => generation.ofClass.some(({ how }) => how === 'found'));
    figures.push(
      await imageFigure({
        name: 'generation-classes',
        title: 'Five images of one class from each model',
        caption: isFound
          ? 'A model that was not told of classes cannot be asked for one: these are its draws that lie nearest to training images of the class.'
          : undefined,
        altText: `${ofClass.map(({ heading, images }) => `${images.count} images: ${heading}`).join('; ')}.`,
        panels: ofClass,
      }),
    );
  }
  for (const [i, model] of models.entries()) figures.push(...(await spaceFigures(model, i)));
  return { id: 'generation', title: 'What the models draw', content: figures };
}

async function spaceFigures({ name, generation }: ModelExhibit, i: number): Promise<ReportFigure[]> {
  const { walks, dimensions, grid, reach } = generation;
  const colour = modelColour(i);
  const figures: ReportFigure[] = [];
  if (walks.length > 0) {
    figures.push(
      await imageFigure({
        name: `generation-walks-${name}`,
        title: `${name}: walks between two test images`,
        caption:
          'The first and the last image are real; between them the model decodes a straight line in latent space.',
        altText: `${walks.map((each) => `${each.from.count} walks ${each.name}`).join(', ')}.`,
        panels: walks.flatMap((each) =>
          Array.from({ length: each.from.count }, (_, pair) => ({
            heading: each.name,
            colour,
            columns: each.stops + 2,
            images: withEnds(each.from, each.to, each.images, pair, each.stops),
          })),
        ),
      }),
    );
  }
  figures.push(
    await imageFigure({
      name: `generation-grid-${name}`,
      title: `${name}: images decoded ${grid.what}`,
      caption: `From ${reach} standard deviations below the mean code to ${reach} above it.`,
      altText: `A grid of ${grid.images.count} decoded images.`,
      panels: [{ images: grid.images, columns: grid.columns }],
    }),
  );
  if (dimensions.length > 1) {
    figures.push(
      await imageFigure({
        name: `generation-dimensions-${name}`,
        title: `${name}: one latent dimension at a time`,
        caption: `The ${dimensions.length} dimensions along which codes of test images spread most, ${reach} standard deviations to both sides of the mean.`,
        altText: `Walks along ${dimensions.map(({ dimension }) => `dimension ${dimension + 1}`).join(', ')}.`,
        panels: dimensions.map(({ dimension, deviation, images }) => ({
          heading: `dimension ${dimension + 1}, standard deviation ${formatNumber(deviation)}`,
          colour,
          images,
        })),
      }),
    );
  }
  return figures;
}

function withEnds(from: ImageSet, to: ImageSet, images: ImageSet, pair: number, stops: number): ImageSet {
  const plain = (set: ImageSet, rows: readonly number[]): ImageSet => {
    const { labels: _, ...rest } = selectRows(set, rows);
    return rest;
  };
  const inner = plain(
    images,
    Array.from({ length: stops }, (_, stop) => pair * stops + stop),
  );
  return joinSets(joinSets(plain(from, [pair]), inner), plain(to, [pair]));
}

function evenly(rows: readonly number[], count: number): number[] {
  const most = Math.min(rows.length, count);
  return Array.from({ length: most }, (_, i) => rows[Math.floor((i * rows.length) / most)] ?? 0);
}
