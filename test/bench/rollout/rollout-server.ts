import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ControllerClient } from '#adapters/controller-client';
import { type ManifestChange, ManifestRepository } from '#adapters/manifest-repository';
import { isDomainError } from '#domain/errors';
import { runSlipway } from '../../e2e/run-slipway.ts';
import { type SlipwayServer, startSlipwayServer } from '../../e2e/slipway-server.ts';
import { MAX_ERROR_RATE } from './anchors.ts';
import { CANDIDATE_FILE, STABLE_FILE } from './digit-requests.ts';

const MODEL = 'digits';
export const STABLE_VERSION = 1;
export const CANDIDATE_VERSION = 2;
const MAX_COMMIT_ATTEMPTS = 10;
const COMMIT_PAUSE_MS = 100;

/** The all-in-one as `slipway serve` starts it, with both versions in its registry, used by Git and REST as anybody uses it. */
export class RolloutServer {
  readonly gateway: string;
  readonly controller: ControllerClient;
  readonly #server: SlipwayServer;
  readonly #repository: ManifestRepository;
  /** Pushes at the same time would only refuse each other. */
  #lastCommit: Promise<unknown> = Promise.resolve();

  private constructor(server: SlipwayServer) {
    this.#server = server;
    this.gateway = server.gateway;
    this.controller = new ControllerClient(server.controller);
    this.#repository = new ManifestRepository(server.git, 'main');
  }

  static async start(): Promise<RolloutServer> {
    const stateDir = mkdtempSync(join(tmpdir(), 'bench-rollout-'));
    const server = await startSlipwayServer(stateDir, { SLIPWAY_LOG_LEVEL: 'warn' });
    for (const file of [STABLE_FILE, CANDIDATE_FILE]) {
      const { exitCode, stderr } = await runSlipway(server, ['model', 'push', MODEL, file]);
      if (exitCode !== 0) throw new Error(`slipway model push ${MODEL} failed: ${stderr}`);
    }
    return new RolloutServer(server);
  }

  /**
   * Commits which version a deployment shall have; a candidate gets 10 % of the traffic and keeps them.
   *
   * @param token differs with each release: what was rolled back is not tried again otherwise.
   * @returns the commit.
   */
  release(deployment: string, version: number, token: string): Promise<string> {
    const change = {
      file: `${deployment}.yaml`,
      edit: () => manifestOf(deployment, version, token),
      message: `Serve version ${version} as ${deployment}`,
    };
    const committed = this.#lastCommit.then(() => this.#commit(change));
    this.#lastCommit = committed.catch(() => {});
    return committed;
  }

  /** Several rollbacks may be pushed at once by the controller, so that a push loses the race more often than people's do. */
  async #commit(change: ManifestChange): Promise<string> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return (await this.#repository.commit(change)).commit;
      } catch (error) {
        if (!isDomainError(error, 'WRITE_BACK_REFUSED') || attempt === MAX_COMMIT_ATTEMPTS) throw error;
        await sleep(COMMIT_PAUSE_MS);
      }
    }
  }

  /** The commits that were reverted, as often as they were. */
  revertedCommits(): readonly string[] {
    const format = '--format=%(trailers:key=Slipway-Revert-Of,valueonly)';
    const log = execFileSync('git', ['log', format, 'main'], { cwd: this.#server.git, encoding: 'utf8' });
    return log.split('\n').filter((line) => line !== '');
  }

  get log(): string {
    return this.#server.log();
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    rmSync(this.#server.stateDir, { recursive: true, force: true });
  }
}

function manifestOf(deployment: string, version: number, token: string): string {
  return `apiVersion: slipway.dev/v1
kind: ModelDeployment
metadata:
  name: ${deployment}
spec:
  model: ${MODEL}
  version: ${version}
  rollout:
    strategy: canary
    steps:
      - setWeight: 10
      - pause: {}
    gates:
      - {metric: error-rate, max: ${MAX_ERROR_RATE}, confidence: 0.999}
    retryToken: "${token}"
`;
}
