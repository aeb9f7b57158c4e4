import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { requireProgram } from './system-program.ts';

/** What a proxy stands before, by their URLs without a path. */
export interface Upstreams {
  readonly http: string;
  /** `host:port`. */
  readonly grpc: string;
}

/** A proxy that appends to `X-Forwarded-For` by whom it was called. */
export interface ForwardingProxy {
  readonly httpPort: number;
  readonly grpcPort: number;
  stop(): Promise<void>;
}

/** Starts nginx, of the system. @param from the address that it calls from. */
export async function startNginx({ http, grpc }: Upstreams, from: string): Promise<ForwardingProxy> {
  await requireProgram('nginx', ['nginx']);
  const folder = mkdtempSync(join(tmpdir(), 'slipway-nginx-'));
  const [httpPort, grpcPort] = [Number(await freePort()), Number(await freePort())];
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr;
events {}
http {
  access_log off;
  ${temporary.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ')}
  server {
    listen 127.0.0.1:${httpPort};
    location / {
      proxy_pass ${http};
      proxy_bind ${from};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
  }
  server {
    listen 127.0.0.1:${grpcPort} http2;
    location / {
      grpc_pass grpc://${grpc};
      grpc_bind ${from};
      grpc_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
  }
}
`,
  );
  const child = spawn('nginx', ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    log += chunk;
  });
  await untilListening(child, grpcPort, () => log);
  const stop = async () => {
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  return { httpPort, grpcPort, stop };
}

async function untilListening(child: ChildProcess, port: number, log: () => string): Promise<void> {
  const deadlineMs = performance.now() + 10_000;
  while (performance.now() < deadlineMs && child.exitCode === null) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(socket.destroy() !== undefined));
      socket.once('error', () => resolve(false));
    });
    if (isOpen) return;
    await sleep(20);
  }
  child.kill('SIGKILL');
  throw new Error(`nginx did not start:\n${log()}`);
}
