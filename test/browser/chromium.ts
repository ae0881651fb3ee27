// Finds and starts Chromium, and serves what Vite builds of the pages, all on this machine.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { build, preview } from 'vite';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const executable = process.env.ODDITY_CHROMIUM ?? '/usr/bin/chromium';

/** Why the tests here cannot run, or false. In CI a missing browser is a failure, not a reason to skip. */
export const skip: string | false =
  existsSync(executable) || process.env.CI
    ? false
    : `no Chromium at ${executable}; install it (Debian: apt-get install chromium) to run this test`;

/** Starts Chromium without a network of its own; software rendering, as on a machine without a screen. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: executable,
    args: [
      '--no-sandbox',
      '--use-gl=angle',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      '--disable-background-networking',
    ],
  });
}

export interface Site {
  /** Ends in a slash; the pages lie below it as in the repository. */
  readonly url: string;
  close(): Promise<void>;
}

/** Builds pages (HTML files, by their paths in the repository) and serves them on a free local port. */
export async function serve(pages: readonly string[]): Promise<Site> {
  const outDir = await mkdtemp(join(tmpdir(), 'oddity-pages-'));
  const shared = {
    root: repository,
    configFile: join(repository, 'examples/browser/vite.config.ts'),
    logLevel: 'error',
  } as const;
  await build({
    ...shared,
    build: {
      outDir,
      emptyOutDir: true,
      rolldownOptions: { input: pages.map((page) => join(repository, page)) },
    },
  });
  const server = await preview({ ...shared, build: { outDir }, preview: { host: '127.0.0.1', port: 0 } });
  const { port } = server.httpServer.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    async close() {
      await server.close();
      await rm(outDir, { recursive: true, force: true });
    },
  };
}
