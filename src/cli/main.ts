#!/usr/bin/env node
// The entry of the command line: the process's arguments in, an exit code out.
import { endQuietlyWithReader, watchInterrupts } from './interrupts.ts';
import { runCli } from './program.ts';

endQuietlyWithReader(process);
process.exitCode = await runCli(process.argv.slice(2), process, watchInterrupts());
