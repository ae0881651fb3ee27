// The models side by side: a bar in every cell of a table, a bar chart of classes, and what people say of VAEs and GANs.
import { recommendModel } from '../../evaluate/exhibition/conclusions.ts';
import type { Exhibition } from '../../evaluate/exhibition/records.ts';
import type { GenerationMeasures } from '../../evaluate/generation/measure.ts';
import { modelColour, realColour } from '../colours.ts';
import { formatShare } from '../format.ts';
import type { Section } from '../page/document.ts';
import { imageFigure } from '../page/image-figure.ts';
import { type Markup, markup } from '../page/markup.ts';
import type { ReportFigure } from '../page/report-figure.ts';
import { barPlot } from '../plots/bar-plot.ts';
import { plotFigure } from '../plots/plot.ts';
import { listPoints } from './answers.ts';
import { imageMeasures } from './comparison-measures.ts';
import { compareModels, showClaims } from './comparison-tables.ts';
import { realImages } from './generation.ts';

/** Empty for one model. */
export async function comparisonSection(exhibition: Exhibition): Promise<Section> {
  const { models, references, classifierAccuracy, classNames, claims = [] } = exhibition;
  const content: (Markup | ReportFigure)[] = [];
  const section = { id: 'comparison', title: models.map(({ label }) => label).join(' against '), content };
  if (models.length < 2) return section;
  const labels = models.map(({ label }) => label);
  content.push(
    listPoints(recommendModel(models)),
    compareModels('Measured side by side', imageMeasures, models, references),
    markup`<p class="soft">${classifierAccuracy === undefined ? 'Diversity and near-duplicates of the last epoch, through fixed oriented gradients of 256 images.' : `Images are seen through a classifier trained on this data (${formatShare(classifierAccuracy)} right): not comparable with Inception FID.`}</p>`,
    ...showClaims(claims),
    ...(claims.length > 0
      ? [
          markup`<p class="soft">One training of each is too few to know how much another seed would change; <code>oddity compare --seeds 3 --report DIR</code> tells.</p>`,
        ]
      : []),
    await imageFigure({
      name: 'comparison-samples',
      title: 'Sample sheets side by side: real images and those of each model',
      caption: 'The first drawn, none chosen.',
      altText: `Sheets of real images and of ${labels.join(', ')}.`,
      beside: true,
      panels: [
        {
          heading: 'real test images',
          colour: realColour,
          columns: 6,
          images: realImages(exhibition, models[0]?.generation.sheet.count ?? 0),
        },
        ...models.map(({ label, generation }, i) => ({
          heading: label,
          colour: modelColour(i),
          columns: 6,
          images: generation.sheet,
        })),
      ],
    }),
  );
  const counted = models.flatMap(({ label, measures }, i) =>
    measures === undefined ? [] : [{ label, colour: modelColour(i), measures }],
  );
  if (counted.length === 0) return section;
  const shareOf = ({ classes, count }: GenerationMeasures, label: number): number =>
    (classes.counts[label] ?? 0) / count;
  content.push(
    await plotFigure(
      barPlot({
        name: 'comparison-classes',
        title: 'Classes of the images that each model draws',
        caption: 'Classes by the classifier.',
        altText: counted
          .map(
            ({ label, measures }) =>
              `${label}: ${classNames.map((each, k) => `${each} ${formatShare(shareOf(measures, k))}`).join(', ')}`,
          )
          .join('; ')
          .concat('.'),
        groups: classNames,
        label: 'share of samples (%)',
        bars: counted.map(({ label, colour, measures }) => ({
          name: label,
          colour,
          values: classNames.map((_, k) => 100 * shareOf(measures, k)),
        })),
      }),
    ),
  );
  return section;
}
