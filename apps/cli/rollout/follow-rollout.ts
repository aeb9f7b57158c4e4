import { styleText } from 'node:util';
import { readEnvironment } from '#adapters/config';
import type { DeploymentStatus } from '#generated/deployment-status';
import type { CliContext } from '../context.ts';
import { liveView } from './live-view.ts';
import { RequestRates } from './request-rates.ts';
import { CommitWatch, rolloutEnd } from './rollout-end.ts';
import { Screen } from './screen.ts';
import { headline } from './status-words.ts';
import { paintLine } from './styled-line.ts';

/** How a rollout is followed. */
export interface FollowOptions {
  /** Ends when the rollout has: with status 0 when the desired version serves, 1 when it does not. */
  readonly exits: boolean | undefined;
  readonly json: boolean | undefined;
  /** The commit whose rollout is followed; without one, whatever is there when it begins. */
  readonly commit?: string | undefined;
}

/** What is done with states as they come. */
interface Follower {
  show(status: DeploymentStatus): void;
  close(): void;
}

/** Clocks and rates go on between two states. */
const REDRAW_MS = 200;
const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Shows a deployment until its rollout ends or the user does: on a terminal in a view that is redrawn in place, elsewhere in a line per
 * event, or in a line of JSON per state.
 *
 * The exit status is set to 1 when the rollout ended with the desired version out of service.
 */
export async function followRollout(
  context: CliContext,
  namespace: string,
  name: string,
  { exits, json, commit }: FollowOptions,
): Promise<void> {
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  for (const signal of STOP_SIGNALS) process.once(signal, interrupt);
  const watch = commit === undefined ? undefined : new CommitWatch(commit);
  const endOf = (status: DeploymentStatus) => (watch === undefined ? rolloutEnd(status) : watch.endOf(status));
  const follower = json === true ? jsonFollower() : isLiveTerminal() ? viewFollower() : lineFollower();
  try {
    for await (const status of context.controller().watch(namespace, name, stop.signal)) {
      follower.show(status);
      const end = exits === true ? endOf(status) : undefined;
      if (end === undefined) continue;
      if (end === 'bad') process.exitCode = 1;
      break;
    }
  } finally {
    for (const signal of STOP_SIGNALS) process.off(signal, interrupt);
    follower.close();
  }
}

function isLiveTerminal(): boolean {
  return process.stdout.isTTY === true && readEnvironment()['TERM'] !== 'dumb';
}

function jsonFollower(): Follower {
  return { show: (status) => process.stdout.write(`${JSON.stringify(status)}\n`), close() {} };
}

function viewFollower(): Follower {
  const screen = new Screen(process.stdout);
  const rates = new RequestRates();
  let newest: DeploymentStatus | undefined;
  const redraw = () => {
    if (newest === undefined) return;
    const nowMs = Date.now();
    const { columns, rows } = screen;
    const lines = liveView(newest, { nowMs, rates: rates.at(nowMs), columns, rows });
    // Knows of NO_COLOR, and of terminals without colours.
    screen.draw(
      lines.map((line) => paintLine(line, (look, text) => styleText(look, text, { stream: process.stdout }))),
    );
  };
  const timer = setInterval(redraw, REDRAW_MS);
  return {
    show(status) {
      const isFirst = newest === undefined;
      newest = status;
      rates.add(status, Date.now());
      if (isFirst) redraw();
    },
    close() {
      clearInterval(timer);
      redraw();
      screen.close();
    },
  };
}

/** A line per event, and one per state at rest. */
function lineFollower(): Follower {
  let lastEvent = 0;
  let lastLine = '';
  return {
    show(status) {
      for (const event of status.events.filter(({ id }) => id > lastEvent)) {
        lastEvent = event.id;
        process.stdout.write(`${event.at}  ${event.severity.padEnd(7)}  ${event.code}: ${event.message}\n`);
      }
      const line = headline(status);
      if (line !== lastLine && status.candidate === undefined) process.stdout.write(`${line}\n`);
      lastLine = line;
    },
    close() {},
  };
}
