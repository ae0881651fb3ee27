// Sentences on a page: the questions of a reader with their answers, and points one below the other.
import type { Answer } from '../../evaluate/exhibition/conclusions.ts';
import { type Markup, markup } from '../page/markup.ts';

/** Each question, and its points under it. */
export function showAnswers(answers: readonly Answer[]): Markup {
  return markup`<dl class="answers">${answers.map(({ question, points }) => markup`<dt>${question}</dt>${points.map((point) => markup`<dd>${point}</dd>`)}`)}</dl>`;
}

/** Sentences one below the other; nothing for none. */
export const listPoints = (points: readonly string[]): Markup =>
  points.length === 0 ? markup`` : markup`<ul>${points.map((point) => markup`<li>${point}</li>`)}</ul>`;
