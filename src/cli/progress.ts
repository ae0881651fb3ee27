// Progress on stderr: a bar on a terminal; elsewhere only the lines that are worth keeping in a log.
import type { WriteStream } from 'node:tty';
import cliProgress from 'cli-progress';
import { formatDuration } from '../report/format.ts';

export interface Progress {
  /** Moves the bar; `share` in [0, 1] of all the work, `text` says what is being done. */
  update(share: number, text: string): void;
  /** A line for logs, where no bar is shown. */
  line(text: string): void;
  /** Takes the bar away, or leaves it complete on the screen. */
  stop(): void;
}

const total = 1000;

export function createProgress(stream: WriteStream, quiet: boolean): Progress {
  if (quiet) return { update() {}, line() {}, stop() {} };
  if (!stream.isTTY) {
    return { update() {}, line: (text) => void stream.write(`${text}\n`), stop() {} };
  }
  let bar: cliProgress.SingleBar | undefined;
  let began = 0;
  let from = 0;
  return {
    update(share, text) {
      if (bar === undefined) {
        [began, from] = [performance.now(), share];
        bar = new cliProgress.SingleBar({
          stream,
          format: '{bar} {percentage}%{left}  {text}',
          barCompleteChar: '━',
          barIncompleteChar: '─',
          barsize: 20,
          fps: 5,
          hideCursor: true,
          gracefulExit: false,
          clearOnComplete: true,
        });
        bar.start(total, Math.round(total * share), { text, left: '' });
      }
      const seconds = (performance.now() - began) / 1000;
      const left = (seconds * (1 - share)) / (share - from);
      const known = seconds > 2 && Number.isFinite(left) && left > 0;
      bar.update(Math.round(total * share), { text, left: known ? `  ${formatDuration(left)} left` : '' });
    },
    line() {},
    stop() {
      bar?.stop();
      bar = undefined;
    },
  };
}
