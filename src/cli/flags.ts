// Flags that several commands share, and how their texts become numbers and lists.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { OddityError } from '../errors.ts';
import { devices, type SessionOptions } from '../runtime/session.ts';

export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Expected a whole number of 0 or more.');
  return Number(text);
}

/** Whole numbers from 1 to `most`. */
export function countUpTo(most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= 1 && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number from 1 to ${most.toLocaleString('en-US')}.`);
  };
}
export const count = countUpTo(1_000_000);

/** Whole numbers of `least` or more. */
export function countFrom(least: number): (text: string) => number {
  return (text) => {
    if (/^\d+$/.test(text) && Number(text) >= least) return Number(text);
    throw new InvalidArgumentError(`Expected a whole number of ${least} or more.`);
  };
}

/** Numbers of 0 or more. */
export function positive(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new InvalidArgumentError('Expected a number of 0 or more.');
}

/** Shares from 0 to `most`, or percentages. */
export function share(most: number): (text: string) => number {
  return (text) => {
    const value = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);
    if (text.trim() !== '' && value >= 0 && value <= most) return value;
    throw new InvalidArgumentError(`Expected a share from 0 to ${most}, such as 0.01 or 1%.`);
  };
}

/** Any number. */
export function number(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('Expected a number.');
}

/** A false-alarm rate: a number between 0 and 1, or a percentage. */
export function rate(text: string): number {
  const value = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (text.trim() === '' || !(value > 0 && value < 1)) {
    throw new InvalidArgumentError('Expected a rate between 0 and 1, such as 0.01 or 1%.');
  }
  return value;
}

/** Class numbers or names between commas; several flags add up. */
export function list(text: string, before: readonly string[] = []): string[] {
  const items = text.split(',').map((item) => item.trim());
  if (items.includes('')) throw new InvalidArgumentError('Expected class numbers or names between commas.');
  return [...before, ...items];
}

/** A flag that must be there. Apart from commander's own, which complains of it before anything else. */
export function requireFlag(value: string | undefined, flag: string): string {
  if (value !== undefined) return value;
  throw new OddityError('BAD_USAGE', `expected ${flag}, got none; say where the result goes`);
}

/** A flag as people write it, from commander's name for it. */
export const flagName = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Throws BAD_USAGE where both --normal and --anomaly are given. */
export function refuseBothSides({ normal, anomaly }: ClassFlags): void {
  if (normal === undefined || anomaly === undefined) return;
  throw new OddityError('BAD_USAGE', '--normal and --anomaly say the same from two sides; give one of them');
}

export interface SessionFlags {
  readonly device?: SessionOptions['device'];
  readonly threads?: number;
}

export function addSessionFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--device <device>', 'where to compute: cpu (default), webgpu or cuda').choices(devices),
    )
    .option('--threads <count>', "processor threads (default: the runtime's choice)", count);
}

export function sessionOf({ device, threads }: SessionFlags): SessionOptions {
  return { ...(device === undefined ? {} : { device }), ...(threads === undefined ? {} : { threads }) };
}

export interface ClassFlags {
  readonly normal?: readonly string[];
  readonly anomaly?: readonly string[];
}

export function addClassFlags(command: Command, what: string): Command {
  return command
    .option('--normal <classes>', `${what} that are normal: numbers or names, comma-separated`, list)
    .option('--anomaly <classes>', `${what} that are anomalies`, list);
}
