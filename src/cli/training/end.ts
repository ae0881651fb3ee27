// How an interrupted or failed run ends: what is on disk, and the exact words to go on.
import { OddityError } from '../../errors.ts';

/** The same error, saying too what `out` holds; `saved` is the last checkpoint's place, if there is one. */
export function explainEnd(error: unknown, out: string, saved: string | undefined): unknown {
  if (!(error instanceof OddityError)) return error;
  const again = (message: string) =>
    new OddityError(error.code, message, { data: { ...error.data, out, saved }, cause: error });
  if (error.code === 'ABORTED') {
    return again(
      saved === undefined
        ? `stopped before the first epoch was done; ${out} holds nothing to resume`
        : `stopped; ${out} holds ${saved}; go on with: ${resumeCommand(process.argv.slice(2))}`,
    );
  }
  if (error.code === 'DIVERGED') {
    return again(
      `${error.message} ${
        saved === undefined
          ? 'No epoch was done, so there is no checkpoint.'
          : `The checkpoint of ${saved} in ${out} is intact; go on from it more slowly with: ${resumeCommand(process.argv.slice(2), true)}`
      }`,
    );
  }
  return error;
}

/** The command line that goes on: this one, with --resume and without --overwrite; `slower` asks for a lower rate. */
export function resumeCommand(argv: readonly string[], slower = false): string {
  const at = slower ? argv.indexOf('--learning-rate') : -1;
  const kept = argv.filter(
    (word, i) => word !== '--overwrite' && word !== '--resume' && (at < 0 || i < at || i > at + 1),
  );
  return [programName(), ...kept.map(quote), '--resume', ...(slower ? ['--learning-rate <lower>'] : [])].join(
    ' ',
  );
}

/** What to type to run this program: in a checkout, the npm script. */
export function programName(): string {
  return process.argv[1]?.endsWith('.ts') ? 'npm run -s oddity --' : 'oddity';
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
