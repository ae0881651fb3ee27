// What a domain bench is: public data, a protocol, and what to measure; one file each in this folder.
import type { RowSet } from '../../data/rows.ts';
import type { Choices } from '../../detect/settings.ts';

/** One number that a method gets: higher is better. */
export interface Measure {
  readonly name: string;
  /** Decimals worth printing. */
  readonly digits: number;
}

/** Rows to learn from and rows to judge, for one seed. */
export interface Trial {
  /** Normal rows only. */
  readonly training: RowSet;
  readonly test: RowSet;
  /** 1 where a test row is an anomaly. */
  readonly isAnomaly: Uint8Array;
  /** Every measure of a method's scores of the test rows, by name. */
  measure(scores: Float32Array): Readonly<Record<string, number>>;
}

/** A number that others published for the protocol. */
export interface PublishedMeasures {
  readonly method: string;
  readonly measures: Readonly<Record<string, number>>;
}

/** One data set of a bench. */
export interface DomainPart {
  readonly name: string;
  /** Who trains on what, and what is asked of whom: one line. */
  readonly protocol: string;
  readonly measures: readonly Measure[];
  /** What differs here from the detector's defaults. */
  readonly choices: Choices;
  readonly published: readonly PublishedMeasures[];
  /** Equal seeds give equal trials. */
  trial(seed: number): Promise<Trial>;
}

/** Where the files lie. */
export interface DomainFiles {
  /** The path of a file of a data set. Throws NO_DATA saying where it was looked for. */
  find(folder: string, file: string): string;
}

export interface DomainBench {
  readonly title: string;
  /** Opens its parts, reading what all trials share. Throws NO_DATA, BAD_DATA. */
  open(files: DomainFiles): Promise<readonly DomainPart[]>;
}
