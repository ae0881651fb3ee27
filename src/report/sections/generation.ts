// What the models draw: samples, their nearest training images, one class, walks through latent space.
import type { ImageSet } from '../../data/dataset.ts';
import { joinSets, selectRows } from '../../data/select.ts';
import { evenly } from '../../evaluate/exhibition/evenly.ts';
import type { Exhibition, ModelExhibit } from '../../evaluate/exhibition/records.ts';
import { modelColour, realColour } from '../colours.ts';
import { formatNumber } from '../format.ts';
import type { Section } from '../page/document.ts';
import { type ImagePanel, imageFigure } from '../page/image-figure.ts';
import type { ReportFigure } from '../page/report-figure.ts';

/** Normal test images, evenly from all of them. */
export function realImages({ test, isAnomaly }: Exhibition, count: number): ImageSet {
  const normal = Array.from({ length: test.count }, (_, row) => row).filter((row) => isAnomaly?.[row] !== 1);
  const { labels: _, ...images } = selectRows(test, evenly(normal, count));
  return images;
}

export async function generationSection(exhibition: Exhibition): Promise<Section> {
  const { models } = exhibition;
  const figures: ReportFigure[] = [
    await imageFigure({
      name: 'generation-samples',
      title: 'New images that each model draws, and real ones',
      caption: 'The first ten drawn, none chosen.',
      altText: `10 real test images and 10 drawn by each of ${models.map(({ label }) => label).join(', ')}.`,
      panels: [
        { heading: 'real test images', colour: realColour, images: realImages(exhibition, 10) },
        ...models.map(({ label, generation }, i) => ({
          heading: label,
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
          ({ label, generation: { distances } }) =>
            `${label}: the nearest training images differ by ${formatNumber(Math.min(...distances))} to ${formatNumber(Math.max(...distances))}`,
        )
        .join('; ')
        .concat('.'),
      panels: models.flatMap(({ label, generation }, i) => [
        { heading: `${label}: samples`, colour: modelColour(i), images: generation.samples },
        {
          heading: `${label}: nearest training images`,
          colour: realColour,
          images: generation.nearest,
          captions: generation.distances.map((distance) => distance.toFixed(2)),
        },
      ]),
    }),
  ];
  const ofClass = models.flatMap(({ label, generation }, i) =>
    generation.ofClass
      .filter(({ images }) => images.count > 0)
      .map(
        (each): ImagePanel => ({
          heading: `${label}: ${each.name}, ${each.how === 'asked' ? 'asked for' : `the likeliest of ${each.drawn} draws`}`,
          colour: modelColour(i),
          images: each.images,
        }),
      ),
  );
  if (ofClass.length > 0) {
    const ways = new Set(models.flatMap(({ generation }) => generation.ofClass.map(({ how }) => how)));
    const judge = ways.has('recognised')
      ? 'that the classifier is surest of'
      : 'that lie nearest to training images of the class';
    figures.push(
      await imageFigure({
        name: 'generation-classes',
        title: 'Five images of one class from each model',
        caption:
          ways.has('recognised') || ways.has('found')
            ? `A model that was not told of classes cannot be asked for one: shown are its draws ${judge}.`
            : undefined,
        altText: `${ofClass.map(({ heading, images }) => `${images.count} images: ${heading}`).join('; ')}.`,
        panels: ofClass,
      }),
    );
  }
  for (const [i, model] of models.entries()) figures.push(...(await spaceFigures(model, i)));
  return { id: 'generation', title: 'What the models draw', content: figures };
}

async function spaceFigures({ name, label, generation }: ModelExhibit, i: number): Promise<ReportFigure[]> {
  const { walks, dimensions, grid, reach, drawnAs } = generation;
  const asClass = drawnAs === undefined ? '' : ` The model is asked for ${drawnAs} throughout.`;
  const colour = modelColour(i);
  const figures: ReportFigure[] = [];
  if (walks.length > 0) {
    figures.push(
      await imageFigure({
        name: `generation-walks-${name}`,
        title: `${label}: walks between two test images`,
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
      title: `${label}: images decoded ${grid.what}`,
      caption: `From ${reach} standard deviations below the mean code to ${reach} above it.${asClass}`,
      altText: `A grid of ${grid.images.count} decoded images.`,
      panels: [{ images: grid.images, columns: grid.columns }],
    }),
  );
  if (dimensions.length > 1) {
    figures.push(
      await imageFigure({
        name: `generation-dimensions-${name}`,
        title: `${label}: one latent dimension at a time`,
        caption: `The ${dimensions.length} dimensions along which codes of test images spread most, ${reach} standard deviations to both sides of the mean.${asClass}`,
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

/** One of several walks with the real images that it leads from and to. */
export function withEnds(
  from: ImageSet,
  to: ImageSet,
  images: ImageSet,
  pair: number,
  stops: number,
): ImageSet {
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
