#!/usr/bin/env node
// Runs the command line of this clone on the pinned Node.js, in the caller's folder, whatever Node.js the host has.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pinnedNode, prepareClone } from '../setup.mjs';

await prepareClone();
const main = join(dirname(fileURLToPath(import.meta.url)), '../../../dist/apps/cli/main.js');
const child = spawn(pinnedNode, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
