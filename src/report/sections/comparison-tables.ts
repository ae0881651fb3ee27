// Tables of models side by side: all that was measured, and what people say of VAEs and GANs.
import type { Claim } from '../../evaluate/comparison/records.ts';
import { differ, type Spread, spreadOf, tellSpread } from '../../evaluate/comparison/spread.ts';
import type { GenerationMeasures, ReferenceRow } from '../../evaluate/generation/measure.ts';
import { formatNumber } from '../format.ts';
import { type BarCell, type BarRow, groupedTable } from '../page/bar-table.ts';
import { type Markup, markup } from '../page/markup.ts';
import type { Measure, MeasureGroup } from './comparison-measures.ts';

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
    name: 'comparison-measures',
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
  const toSpread = (each: number | Spread | undefined): Spread | undefined =>
    typeof each === 'number' ? spreadOf([each]) : each;
  const own = models.map((model) => toSpread(of(model)));
  const all = [...own, ...beside.map((measures) => toSpread(real?.(measures)))];
  const most = Math.max(...all.map((each) => Math.abs(each?.mean ?? 0)).filter(Number.isFinite));
  const best = better === undefined ? undefined : bestOf(own, better, format);
  return all.map((each, i) =>
    each === undefined || !Number.isFinite(each.mean)
      ? { text: '–' }
      : {
          text: tellSpread(each, format),
          share: Math.abs(each.mean) / (most || 1),
          isBest: i === best,
        },
  );
}

/** The model that is better than all others, by more than the spread of its trainings where there are several. */
function bestOf(
  own: readonly (Spread | undefined)[],
  better: 'higher' | 'lower' | 'nearer to 1',
  format: (value: number) => string,
): number | undefined {
  const badness = ({ mean }: Spread): number =>
    better === 'higher' ? -mean : better === 'lower' ? mean : Math.abs(Math.log(mean));
  const known = own.flatMap((spread, i) =>
    spread === undefined || !Number.isFinite(spread.mean) ? [] : [{ spread, i }],
  );
  const [first, second] = known.sort((a, b) => badness(a.spread) - badness(b.spread));
  if (first === undefined || second === undefined) return undefined;
  // What reads alike is alike.
  const isBeyond =
    differ(first.spread, second.spread) ?? format(first.spread.mean) !== format(second.spread.mean);
  return isBeyond ? first.i : undefined;
}

/** What people say of VAEs and GANs, with the numbers that speak for and against it. */
export function showClaims(claims: readonly Claim[]): Markup[] {
  const judged = claims.filter(({ verdict }) => verdict !== 'not judged');
  if (judged.length === 0) return [];
  return [
    groupedTable({
      name: 'comparison-claims',
      caption: 'What people say of VAEs and GANs, held against these numbers',
      columns: ['', 'VAE', 'GAN'],
      groups: judged.map(({ claim, verdict, evidence }) => ({
        title: `“${claim}”: ${verdict}`,
        rows: evidence.map(({ measure, better, variational, adversarial, favours }): BarRow => {
          const most = Math.max(Math.abs(variational.mean), Math.abs(adversarial.mean)) || 1;
          const cell = (spread: Spread, isBest: boolean): BarCell => ({
            text: tellSpread(spread, formatNumber),
            share: Math.abs(spread.mean) / most,
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
  ];
}
