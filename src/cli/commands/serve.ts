// `oddity serve`: detectors over HTTP, until it is told to stop.
import { once } from 'node:events';
import { isIP } from 'node:net';
import { Option } from 'commander';
import { OddityError } from '../../errors.ts';
import { defineCommand } from '../command.ts';
import { count, countFrom, countUpTo } from '../flags.ts';
import { addScorerFlags, namedFolders, type ScorerFlags, scorerOptionsOf } from '../serving/flags.ts';
import { version } from '../version.ts';

interface Flags extends ScorerFlags {
  readonly port: number;
  readonly host: string;
  readonly token?: string;
  readonly insecure?: true;
  readonly maxRows?: number;
  readonly maxBody?: number;
  readonly maxPixels?: number;
}

export const serve = defineCommand<Flags>({
  usage: 'serve <detector...>',
  summary: 'score requests over HTTP, with live pages and metrics',
  arguments: { detector: 'folders that train wrote, each as a path or name=path' },
  examples: [
    'serve runs/transactions',
    'serve fraud=runs/17 digits=runs/three --port 8080',
    'serve runs/transactions --host 0.0.0.0 --token "$TOKEN"',
  ],
  flags(command) {
    command
      .option('--port <port>', 'where to listen; 0 for any free one', portNumber, 8080)
      .option('--host <address>', 'address to listen on', '127.0.0.1')
      .addOption(
        new Option('--token <token>', 'what requests must bring as Authorization: Bearer <token>').env(
          'ODDITY_TOKEN',
        ),
      )
      .option('--insecure', 'allow another address than this machine without a token')
      .option('--max-rows <rows>', 'rows of one request (default: 10000)', count)
      .option('--max-body <bytes>', 'bytes of one request (default: 8388608)', countFrom(1024))
      .option('--max-pixels <pixels>', 'pixels of one image file (default: 16000000)', count);
    return addScorerFlags(command);
  },
  async run(context, flags, ...words) {
    const { host, port, token, insecure } = flags;
    if (token === undefined && insecure === undefined && !isThisMachine(host)) {
      throw new OddityError(
        'BAD_USAGE',
        `expected --token (or $ODDITY_TOKEN) to listen on ${host}, got none; give one, or --insecure if others may use it`,
      );
    }
    if (token === '') throw new OddityError('BAD_USAGE', 'expected a token, got an empty one');
    const detectors = namedFolders(words);
    const { createApp } = await import('../../serve/app.ts');
    const app = await createApp({
      detectors,
      ...scorerOptionsOf(flags),
      ...(token === undefined ? {} : { token }),
      ...(flags.maxRows === undefined ? {} : { maxRows: flags.maxRows }),
      ...(flags.maxBody === undefined ? {} : { maxBody: flags.maxBody }),
      ...(flags.maxPixels === undefined ? {} : { maxPixels: flags.maxPixels }),
      serverVersion: version(),
      onNotice: context.note,
      onFailure: (error) => context.note(`unexpected ${(error as Error).stack ?? error}`),
    });
    try {
      const url = await app.listen({ host, port }).catch((cause: NodeJS.ErrnoException) => {
        throw new OddityError(
          'BAD_USAGE',
          `expected to be able to listen on ${host}:${port}, got ${cause.code}; choose another --port or --host`,
          { cause },
        );
      });
      const names = Object.keys(detectors);
      context.print({ url, detectors: names }, () => `serving ${names.join(', ')} at ${url}`);
      if (!context.signal.aborted) await once(context.signal, 'abort');
      context.note('stopping: requests that have begun are answered');
    } finally {
      await app.close();
    }
  },
});

function portNumber(text: string): number {
  return text === '0' ? 0 : countUpTo(65_535)(text);
}

const isThisMachine = (host: string): boolean =>
  host === 'localhost' || (isIP(host) === 4 && host.startsWith('127.')) || host === '::1';
