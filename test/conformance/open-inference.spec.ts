import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { freshStateDirectory } from '../e2e/quickstart-process.ts';
import { digitsDirectory, serveDigits } from '../e2e/serve-digits.ts';
import { type SlipwayServer, startSlipwayServer } from '../e2e/slipway-server.ts';
import { installPython } from '../servers/python.ts';
import { expectChecksToPass } from './run-checks.ts';

const script = join(import.meta.dirname, 'open_inference_check.py');

describe('the Open Inference Protocol, seen by tritonclient', () => {
  const stateDir = freshStateDirectory();
  let python: string;
  let server: SlipwayServer;

  beforeAll(async () => {
    python = await installPython();
    server = await startSlipwayServer(stateDir);
    await serveDigits(server, 2);
  });

  afterAll(async () => {
    await server?.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

  it('finds every check passed, over HTTP and gRPC', () => {
    const addresses = [server.gateway.replace('http://', ''), server.gatewayGrpc];
    expectChecksToPass(python, [script, ...addresses, digitsDirectory], 26);
  });
});
