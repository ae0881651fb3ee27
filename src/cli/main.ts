#!/usr/bin/env node
// The entry of the command line: the process's arguments in, an exit code out.
import { runCli } from './program.ts';

process.exitCode = await runCli(process.argv.slice(2));
