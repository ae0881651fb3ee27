// The parts of a long piece of work and what each may cost, so that a bar can move evenly. Guesses at first; what
// a part has cost corrects those still to come.

export interface Part {
  /** Guesses for parts of one kind are wrong by one factor. */
  readonly kind: string;
  /** The guess. */
  readonly seconds: number;
}

export interface Plan {
  /** The share of all work that is done when `share` of the current part is; never less than it was. */
  progress(share: number): number;
  /** Ends the current part; the next one begins. */
  finish(): void;
  /** Leaves out the rest of the current part and the `later` ones after it. */
  skip(later: number): void;
}

/** Starts the clock on the first of the parts; `now` tells milliseconds. */
export function createPlan(parts: readonly Part[], now: () => number = () => performance.now()): Plan {
  const factors = new Map<string, number>();
  let [done, guessed, current, furthest] = [0, 0, 0, 0];
  let began = now();
  // A kind not met yet is as far off as all the work so far was: a slow machine is slow at everything.
  const expected = ({ kind, seconds }: Part): number =>
    seconds * (factors.get(kind) ?? (guessed > 0 ? done / guessed : 1));
  const end = (part: Part | undefined, hasCost: boolean): void => {
    if (part === undefined) return;
    const seconds = (now() - began) / 1000;
    if (hasCost) factors.set(part.kind, seconds / part.seconds);
    done += seconds;
    guessed += hasCost ? part.seconds : seconds;
    began = now();
    current++;
  };
  return {
    progress(share) {
      const [part, ...later] = parts.slice(current);
      if (part === undefined) return 1;
      const worked = done + share * expected(part);
      const left = (1 - share) * expected(part) + later.reduce((sum, each) => sum + expected(each), 0);
      furthest = Math.max(furthest, worked / (worked + left));
      return furthest;
    },
    finish: () => end(parts[current], true),
    skip(later) {
      end(parts[current], false);
      current += later;
    },
  };
}
