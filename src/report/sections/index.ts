// The sections of a report on images in their order: a table, to which another section is a row.

import { selectRows } from '../../data/select.ts';
import { answersOf } from '../../evaluate/exhibition/conclusions.ts';
import type { Exhibition } from '../../evaluate/exhibition/records.ts';
import type { Page, Section } from '../page/document.ts';
import { showAnswers } from './answers.ts';
import { comparisonSection } from './comparison.ts';
import { dataSection } from './data.ts';
import { detectionSection } from './detection.ts';
import { generationSection } from './generation.ts';
import { latentSection } from './latent.ts';
import { trainingSection } from './training.ts';

const sections: readonly ((exhibition: Exhibition) => Promise<Section>)[] = [
  ({ data }) => dataSection(data),
  trainingSection,
  generationSection,
  latentSection,
  detectionSection,
  comparisonSection,
];

/** The whole page but for its footer. `onSection` is told before each section is drawn. */
export async function composeReport(
  exhibition: Exhibition,
  onSection: (done: number, total: number) => void = () => {},
): Promise<Omit<Page, 'footer'>> {
  const { data, models, test, mapRows } = exhibition;
  const shown: Section[] = [];
  for (const [i, section] of sections.entries()) {
    onSection(i, sections.length);
    shown.push(await section(exhibition));
  }
  const names = models.map(({ label }) => label).join(' and ');
  return {
    title: `${data.name}: anomalies found with ${names}`,
    subtitle: `${models.length === 1 ? 'A generative model that has' : 'Generative models that have'} learnt what is normal, and what ${models.length === 1 ? 'it makes' : 'they make'} of images not seen before`,
    summary: showAnswers(answersOf(exhibition)),
    sections: shown,
    thumbs: selectRows(test, mapRows),
  };
}
