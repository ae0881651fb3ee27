// Where test images lie in each model's latent space: by PCA and by t-SNE, coloured by class and by score.
import type { Exhibition, ModelExhibit } from '../../evaluate/exhibition/records.ts';
import { classColour } from '../class-marks.ts';
import { anomalousColour, normalColour, palette, viridis } from '../colours.ts';
import { formatNumber, formatShare } from '../format.ts';
import type { Section } from '../page/document.ts';
import { type MapGroup, type MapPanel, mapFigure } from '../page/map-figure.ts';
import { type Markup, markup } from '../page/markup.ts';
import type { ReportFigure } from '../page/report-figure.ts';

export async function latentSection(exhibition: Exhibition): Promise<Section> {
  const { models, mapRows } = exhibition;
  const content: (Markup | ReportFigure)[] = [
    markup`<p>${mapRows.length.toLocaleString('en-US')} test images as points. Crosses are anomalies; point at a mark to see its image.</p>`,
  ];
  for (const model of models) {
    const { map } = model;
    const { neighbourAccuracy, silhouette } = map.measures;
    const said = [
      ...(neighbourAccuracy === undefined
        ? []
        : [`${formatShare(neighbourAccuracy)} of codes have mostly neighbours of their own class`]),
      ...(silhouette === undefined ? [] : [`the silhouette of the classes is ${silhouette.toFixed(2)}`]),
    ];
    if (said.length > 0)
      content.push(
        markup`<p>${model.label}, in all its ${map.dimension} dimensions: ${said.join('; ')}.</p>`,
      );
    content.push(
      drawMap(
        exhibition,
        model,
        'pca',
        map.pca,
        `PCA: the two axes hold ${formatShare(map.explained)} of the variance`,
      ),
      drawMap(
        exhibition,
        model,
        'tsne',
        map.tsne,
        'Distances between far groups mean nothing, neighbourhoods do',
      ),
    );
  }
  return { id: 'latent', title: 'Latent space', content };
}

const scoreSteps = 6;

function drawMap(
  { test, isAnomaly, mapRows, classNames }: Exhibition,
  { name, label: called, detection, map }: ModelExhibit,
  method: 'pca' | 'tsne',
  points: Float32Array,
  note: string,
): ReportFigure {
  const rows = mapRows.map((_, i) => i);
  const labelOf = (i: number): number => test.labels?.[mapRows[i] ?? 0] ?? 0;
  const isOdd = (i: number): boolean => isAnomaly?.[mapRows[i] ?? 0] === 1;
  const scoreOf = (i: number): number => detection.score[mapRows[i] ?? 0] ?? 0;
  const pOf = (i: number): number => detection.pValue[mapRows[i] ?? 0] ?? 1;
  const nameOf = (label: number): string => classNames[label] ?? String(label);
  const panels: MapPanel[] = [];
  if (test.labels !== undefined) {
    const present = [...new Set(rows.map(labelOf))].sort((a, b) => a - b);
    const groups = present.map((label): MapGroup => {
      const own = rows.filter((i) => labelOf(i) === label);
      const odd = own.some(isOdd);
      return {
        name: `${nameOf(label)}${odd ? ' (anomaly)' : ''}`,
        colour: classColour(label),
        mark: odd ? 'cross' : label < palette.length ? 'dot' : 'square',
        rows: own,
        named: true,
      };
    });
    panels.push({ heading: 'by class', groups });
  } else if (isAnomaly !== undefined) {
    panels.push({
      heading: 'normal and anomalous',
      groups: [
        { name: 'normal', colour: normalColour, mark: 'dot', rows: rows.filter((i) => !isOdd(i)) },
        { name: 'anomalous', colour: anomalousColour, mark: 'cross', rows: rows.filter(isOdd) },
      ],
    });
  }
  const sorted = rows.map(scoreOf).sort((a, b) => a - b);
  const limits = Array.from(
    { length: scoreSteps - 1 },
    (_, k) => sorted[Math.floor(((k + 1) * sorted.length) / scoreSteps)] ?? 0,
  );
  const stepOf = (i: number): number => limits.filter((limit) => scoreOf(i) >= limit).length;
  const range = (k: number): string =>
    k === 0
      ? `score under ${formatNumber(limits[0] ?? 0)}`
      : k === scoreSteps - 1
        ? `${formatNumber(limits.at(-1) ?? 0)} or more`
        : `from ${formatNumber(limits[k - 1] ?? 0)}`;
  panels.push({
    heading: isAnomaly === undefined ? 'by anomaly score' : 'by anomaly score; crosses are anomalies',
    groups: Array.from({ length: scoreSteps }, (_, k) => {
      // Neither end of the scale: one is lost on dark pages, the other on light ones.
      const colour = viridis(0.12 + (0.8 * k) / (scoreSteps - 1));
      const own = rows.filter((i) => stepOf(i) === k);
      return [
        { name: range(k), colour, mark: 'dot' as const, rows: own.filter((i) => !isOdd(i)) },
        {
          name: `${range(k)}, anomaly`,
          colour,
          mark: 'cross' as const,
          rows: own.filter(isOdd),
          quiet: true as const,
        },
      ];
    }).flat(),
  });
  const kept =
    map.kept === undefined ? '' : `; ${formatShare(map.kept[method])} of the ten nearest neighbours are kept`;
  const label = method === 'pca' ? 'PCA' : 't-SNE';
  return mapFigure({
    name: `latent-${method}-${name}`,
    title: `${called}: codes of test images by ${label}`,
    caption: `${note}${kept}. Axes have no unit.`,
    altText: `${rows.length} codes of ${map.dimension} dimensions on a plane by ${label}${kept}.`,
    points,
    panels,
    texts: rows.map((i) =>
      [
        ...(test.labels === undefined ? [] : [`${nameOf(labelOf(i))}${isOdd(i) ? ', an anomaly' : ''}`]),
        `score ${formatNumber(scoreOf(i))}, p ${formatNumber(Number(pOf(i).toPrecision(2)))}`,
      ].join('\n'),
    ),
    thumbs: rows,
    table: {
      columns: ['test image', 'x', 'y', 'class', 'anomalous', 'score', 'p-value'],
      rows: rows.map((i) => [
        mapRows[i],
        points[2 * i],
        points[2 * i + 1],
        test.labels === undefined ? undefined : nameOf(labelOf(i)),
        isAnomaly === undefined ? undefined : Number(isOdd(i)),
        scoreOf(i),
        pOf(i),
      ]),
    },
  });
}
