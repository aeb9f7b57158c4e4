/**
 * The runner: holds one model and runs it, for the gateway that started it. It lives as long as the gateway does: one that was killed
 * takes its runners along.
 */
import { serveGateway } from '#adapters/runner-client';
import { Runner } from './runner.module.ts';

// Ctrl-C goes to the whole group of processes; the gateway decides when its runners end.
process.on('SIGINT', () => {});
await serveGateway(new Runner());
