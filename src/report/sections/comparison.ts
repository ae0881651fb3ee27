// The models side by side: a bar in every cell of a table, a bar chart of classes, and what people say of VAEs and GANs.
import type { Claim } from '../../evaluate/comparison/records.ts';
import { answersOf } from '../../evaluate/exhibition/conclusions.ts';
import type { Exhibition } from '../../evaluate/exhibition/records.ts';
import type { GenerationMeasures, ReferenceRow } from '../../evaluate/generation/measure.ts';
import { modelColour, realColour } from '../colours.ts';
import { formatNumber, formatShare } from '../format.ts';
import { type BarCell, type BarRow, groupedTable } from '../page/bar-table.ts';
import type { Section } from '../page/document.ts';
import { imageFigure } from '../page/image-figure.ts';
import { type Markup, markup } from '../page/markup.ts';
import type { ReportFigure } from '../page/report-figure.ts';
import { barPlot } from '../plots/bar-plot.ts';
import { plotFigure } from '../plots/plot.ts';
import { listPoints } from './answers.ts';
import { imageMeasures, type Measure, type MeasureGroup } from './comparison-measures.ts';
import { realImages } from './generation.ts';

/** Empty for one model. */
export async function comparisonSection(exhibition: Exhibition): Promise<Section> {
  const { models, references, classifierAccuracy, classNames, claims = [] } = exhibition;
  const content: (Markup | ReportFigure)[] = [];
  const section = { id: 'comparison', title: models.map(({ label }) => label).join(' against '), content };
  if (models.length < 2) return section;
  const labels = models.map(({ label }) => label);
  content.push(
    listPoints(answersOf(exhibition).at(-1)?.points ?? []),
    compareModels('Measured side by side', imageMeasures, models, references),
    markup`<p class="soft">${classifierAccuracy === undefined ? 'Diversity and near-duplicates of the last epoch, through fixed oriented gradients of 256 images.' : `Images are seen through a classifier trained on this data (${formatShare(classifierAccuracy)} right): not comparable with Inception FID.`}</p>`,
    ...showClaims(claims),
    await imageFigure({
      name: 'comparison-samples',
      title: 'Sample sheets side by side: real images and those of each model',
      caption: 'The first twenty drawn, none chosen.',
      altText: `Sheets of real images and of ${labels.join(', ')}.`,
      panels: [
        { heading: 'real test images', colour: realColour, images: realImages(exhibition, 20) },
        ...models.map(({ label, generation }, i) => ({
          heading: label,
          colour: modelColour(i),
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

/** One table of all that was measured of any of the models; beside them, where known, the best and the simplest there is. */
export function compareModels<Model extends { readonly label: string }>(
  caption: string,
  groups: readonly MeasureGroup<Model>[],
  models: readonly Model[],
  references: readonly ReferenceRow[] = [],
): Markup {
  const beside = ['real', 'gaussian'].flatMap(
    (name) => references.find((reference) => reference.name === name)?.measures ?? [],
  );
  const table = groupedTable({
    caption,
    columns: [
      '',
      ...models.map(({ label }) => label),
      ...(beside.length > 0 ? ['real images', 'pixel Gaussian'] : []),
    ],
    groups: groups
      .map(({ title, measures }) => ({
        title,
        rows: measures
          .filter(({ of }) => models.some((model) => of(model) !== undefined))
          .map((measure): BarRow => {
            const { name, note } = measure;
            return { name, note, cells: cellsOf(measure, models, beside) };
          }),
      }))
      .filter(({ rows }) => rows.length > 0),
  });
  return markup`${table}<p class="soft">✓ marks the best of the models, where they differ. Bars: each number over the largest of its row.</p>`;
}

function cellsOf<Model>(
  { of, real, format, better }: Measure<Model>,
  models: readonly Model[],
  beside: readonly GenerationMeasures[],
): BarCell[] {
  const own = models.map(of);
  const values = [...own, ...beside.map((measures) => real?.(measures))];
  const known = own.filter((value): value is number => value !== undefined && Number.isFinite(value));
  const most = Math.max(...values.map((value) => Math.abs(value ?? 0)).filter(Number.isFinite));
  const badness = (value: number): number =>
    better === 'higher' ? -value : better === 'lower' ? value : Math.abs(Math.log(value));
  const least = Math.min(...known.map(badness));
  // What reads alike is alike.
  const differ = new Set(known.map(format)).size > 1;
  return values.map((value, i) =>
    value === undefined || !Number.isFinite(value)
      ? { text: '–' }
      : {
          text: format(value),
          share: Math.abs(value) / (most || 1),
          isBest: better !== undefined && differ && i < own.length && badness(value) === least,
        },
  );
}

/** What people say of VAEs and GANs, with the numbers that speak for and against it. */
function showClaims(claims: readonly Claim[]): Markup[] {
  const judged = claims.filter(({ verdict }) => verdict !== 'not judged');
  if (judged.length === 0) return [];
  return [
    groupedTable({
      caption: 'What people say of VAEs and GANs, held against these numbers',
      columns: ['', 'VAE', 'GAN'],
      groups: judged.map(({ claim, verdict, evidence }) => ({
        title: `“${claim}”: ${verdict}`,
        rows: evidence.map(({ measure, better, variational, adversarial, favours }): BarRow => {
          const most = Math.max(Math.abs(variational.mean), Math.abs(adversarial.mean)) || 1;
          const cell = ({ mean }: typeof variational, isBest: boolean): BarCell => ({
            text: formatNumber(mean),
            share: Math.abs(mean) / most,
            isBest,
          });
          return {
            name: measure,
            note: `${better} is better`,
            cells: [
              cell(variational, favours === 'variational'),
              cell(adversarial, favours === 'adversarial'),
            ],
          };
        }),
      })),
    }),
    markup`<p class="soft">One training of each is too few to know how much another seed would change; <code>oddity compare --seeds 3</code> tells.</p>`,
  ];
}
