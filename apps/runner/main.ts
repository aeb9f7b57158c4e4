/**
 * The runner: holds one model and runs it, for the gateway at the other end of file descriptor 3. It lives as long as that
 * socket: a gateway that was killed takes its runners along.
 */
import { Socket } from 'node:net';
import { FrameReader } from '#adapters/runner-client';
import { Runner } from './runner.module.ts';

const channel = new Socket({ fd: 3, readable: true, writable: true });
const runner = new Runner(channel);
const reader = new FrameReader((frame) => runner.take(frame));
channel.on('data', (chunk) => reader.push(chunk as Buffer));
for (const end of ['end', 'close', 'error']) channel.on(end, () => process.exit(0));
// Ctrl-C goes to the whole group of processes; the gateway decides when its runners end.
process.on('SIGINT', () => {});
