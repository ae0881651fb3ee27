// What the numbers of a report on tables come to, in sentences made of them.
import {
  type Answer,
  detectingWinner,
  type Judged,
  judgementsOf,
  number,
  share,
  whichToUse,
} from './conclusions.ts';
import type { TableExhibition, TableModelExhibit } from './table-exhibit.ts';

/** What a reader of a report on tables asks, and the answers. */
export function tableAnswers({ data, judged, models }: TableExhibition): Answer[] {
  const columns = data.columns.map((column) => column.name);
  const [first] = models;
  const anomalies = data.anomalous === undefined ? '' : `, ${number(data.anomalous)} of them anomalies`;
  return [
    {
      question: 'What was normal?',
      points: [
        `Normal: the ${number(rowsOf(first))} rows of ${first?.manifest.data.name} that the models were trained and calibrated on. Judged: ${number(data.rows)} rows${anomalies}. ${judged}`,
      ],
    },
    {
      question: models.length > 1 ? 'Which models?' : 'Which model?',
      points: models.map(({ label, title, manifest: { training }, parameters }) => {
        const { epochs, members } = training;
        return `${label}: ${title}, ${number(parameters)} weights${members > 1 ? `, ${members} networks` : ''}, ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}, over ${columns.length} columns.`;
      }),
    },
    ...judgementsOf(models, 'rows'),
    {
      question: 'Which columns are to blame?',
      points: models.map(
        ({ label, blame }) => `${models.length > 1 ? `${label}: ` : ''}${blameText(columns, blame)}`,
      ),
    },
    ...giveaways(data),
    ...whichToUse(recommendDetector(models)),
  ];
}

/** Which detector of rows is the better; nothing where no row is known to be an anomaly. */
export function recommendDetector(models: readonly Judged[]): string[] {
  const winner = detectingWinner(models, 'rows');
  return winner === undefined ? [] : [winner, 'One training each: another seed may turn what is close.'];
}

/** A column in which normal and anomalous rows have this little in common is rather a label than a finding. */
const tooGood = 0.98;

function giveaways({ columns }: TableExhibition['data']): Answer[] {
  const found = columns.filter(({ difference = 0 }) => difference >= tooGood).map(({ name }) => name);
  if (found.length === 0) return [];
  return [
    {
      question: 'Is it too good to be true?',
      points: found.map(
        (name) =>
          `${name} alone tells anomalies from normal rows. If it is made from the label, or known only afterwards, train without it: --drop ${name}.`,
      ),
    },
  ];
}

function rowsOf(model: TableModelExhibit | undefined): number {
  if (model === undefined) return 0;
  const { training, scale, calibration } = model.manifest.data.rows;
  return training + scale + calibration;
}

/** Columns in the order of how much they move a score, most first. */
export const rankParts = (parts: readonly number[]): number[] =>
  [...parts.keys()].sort((a, b) => Math.abs(parts[b] ?? 0) - Math.abs(parts[a] ?? 0));

function blameText(columns: readonly string[], blame: readonly number[]): string {
  const total = blame.reduce((sum, each) => sum + Math.max(0, each), 0) || 1;
  const first = rankParts(blame)
    .slice(0, 3)
    .filter((k) => (blame[k] ?? 0) > 0);
  return first.length === 0
    ? 'None stands out.'
    : `${first.map((k) => `${columns[k]} (${share((blame[k] ?? 0) / total)} of what raises the scores of alarms)`).join(', ')}.`;
}
