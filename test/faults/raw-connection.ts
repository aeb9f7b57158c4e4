import { connect } from 'node:net';

/**
 * What a server says to bytes on a connection of their own; then the client hangs up.
 *
 * @param url of the server.
 * @param patienceMs for its first word: half a request has no answer to wait for.
 * @returns its words, empty when it said none in time, and how long they took.
 */
export function answersTo(
  url: string,
  bytes: Buffer,
  patienceMs = 20,
): Promise<{ readonly answer: string; readonly tookMs: number }> {
  const startedMs = performance.now();
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let answer = '';
    const patience = setTimeout(() => socket.destroy(), patienceMs);
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      if (answer.includes('\r\n\r\n')) socket.destroy();
    });
    socket.on('error', () => {});
    socket.once('close', () => {
      clearTimeout(patience);
      resolve({ answer, tookMs: answer === '' ? 0 : performance.now() - startedMs });
    });
  });
}

/** The statuses of all answers in what an HTTP server said. */
export function statusesIn(answer: string): number[] {
  return [...answer.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, code]) => Number(code));
}
