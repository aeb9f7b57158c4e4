import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantile } from '#testing';
import { requireProgram } from '../../servers/system-program.ts';
import type { Call, GrpcCall, HttpCall } from './call.ts';
import { readRequestLog } from './request-log.ts';
import { runPinned } from './run-pinned.ts';

/** How to load a server: so many clients, each with one request in work at a time, on a connection of its own. */
export interface LoadPlan {
  readonly clients: number;
  readonly seconds: number;
  /** As `taskset` takes them. */
  readonly cores: string;
}

/** Beyond the time that the load should take. */
const GRACE_SECONDS = 60;

/** What a load showed. Every request was answered, and none with an error. */
export interface LoadResult {
  readonly perSecond: number;
  readonly p99Ms: number;
}

/** Installs the programs that make the load, from Debian: both are written in C and need a small part of a core. */
export async function requireLoadPrograms(): Promise<void> {
  await requireProgram('wrk', ['wrk']);
  await requireProgram('h2load', ['nghttp2-client']);
  await requireProgram('taskset', ['util-linux']);
}

/**
 * Sends one call again and again: with `wrk` over HTTP/1.1, with `h2load` over gRPC.
 *
 * @param replyBytes the size of a right answer's gRPC message.
 * @throws Error when any request failed: a server that refuses fast must not look fast.
 */
export async function applyLoad(call: Call, replyBytes: number, plan: LoadPlan): Promise<LoadResult> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-load-'));
  try {
    return call.kind === 'http' ? await post(call, plan, folder) : await invoke(call, replyBytes, plan, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface WrkSummary {
  readonly requests: number;
  readonly microseconds: number;
  readonly p99: number;
  readonly refused: number;
  readonly broken: number;
}

async function post({ url, headers, body }: HttpCall, { clients, seconds, cores }: LoadPlan, folder: string) {
  const file = join(folder, 'body');
  writeFileSync(file, body);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const script = join(import.meta.dirname, 'post.lua');
  const options = ['--threads', '1', '--connections', clients, '--duration', seconds, '--timeout', `${GRACE_SECONDS}s`];
  const output = await runPinned({
    cores,
    limitSeconds: seconds + GRACE_SECONDS,
    command: ['wrk', ...options.map(String), '--script', script, url],
    environment: { BENCH_BODY: file, BENCH_HEADERS: lines.join('\n') },
  });
  const summary = JSON.parse(/^\{.*\}$/m.exec(output)?.[0] ?? '{}') as WrkSummary;
  if (!(summary.requests > 0) || summary.refused > 0 || summary.broken > 0)
    throw new Error(
      `of ${summary.requests} requests ${summary.refused} were refused and ${summary.broken} were not answered`,
    );
  return { perSecond: summary.requests / (summary.microseconds / 1e6), p99Ms: summary.p99 / 1000 };
}

/**
 * A fixed number of requests, so that every reply can be accounted for: gRPC's errors have the HTTP status 200, but only a success
 * carries a message, and all messages are of one size.
 */
async function invoke(
  { address, path, body, headers: own = {} }: GrpcCall,
  replyBytes: number,
  plan: LoadPlan,
  folder: string,
) {
  const file = join(folder, 'body');
  writeFileSync(file, frame(body));
  const log = join(folder, 'log');
  const run = async (count: number) => {
    const url = `http://${address}${path}`;
    const fields = { 'content-type': 'application/grpc', te: 'trailers', ...own };
    const headers = Object.entries(fields).flatMap(([name, value]) => ['--header', `${name}: ${value}`]);
    const clients = String(Math.min(plan.clients, count));
    const options = ['--clients', clients, '--requests', String(count), '--log-file', log, '--data', file];
    const output = await runPinned({
      cores: plan.cores,
      limitSeconds: 2 * plan.seconds + GRACE_SECONDS,
      command: ['h2load', ...options, ...headers, url],
    });
    return readSummary(output, count, count * (replyBytes + FRAME_BYTES));
  };
  // How many requests take as long as the plan says is learned from fewer of them.
  const first = await run(plan.clients);
  const guess = Math.ceil((first * plan.seconds) / 10);
  const second = guess > plan.clients ? await run(guess) : first;
  rmSync(log);
  const perSecond = await run(Math.max(plan.clients, Math.ceil(second * plan.seconds)));
  const latencies = readRequestLog(log).map(({ tookMs }) => tookMs);
  return { perSecond, p99Ms: quantile(latencies, 0.99) };
}

/** A byte that says whether the message is compressed, and its length. */
const FRAME_BYTES = 5;

function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(FRAME_BYTES);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function readSummary(output: string, count: number, dataBytes: number): number {
  const succeeded = Number(/(\d+) succeeded/.exec(output)?.[1]);
  const received = Number(/\((\d+)\) data/.exec(output)?.[1]);
  if (succeeded !== count) throw new Error(`${succeeded} of ${count} requests were answered`);
  if (received !== dataBytes)
    throw new Error(`${received} bytes of messages came instead of ${dataBytes}: some answers are errors`);
  return Number(/, ([\d.]+) req\/s/.exec(output)?.[1]);
}
