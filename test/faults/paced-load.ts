import { setTimeout as sleep } from 'node:timers/promises';
import { type Answered, type RestBody, RestCaller } from './rest-caller.ts';

/** More wait for their answers at once than any gateway lets in. */
const CONNECTIONS = 2000;

/** Calls a model so many times a second, however slowly it answers; answers every call. */
export async function callAtPace(
  url: string,
  model: string,
  body: RestBody,
  pace: { readonly perSecond: number; readonly seconds: number },
): Promise<readonly Answered[]> {
  const caller = new RestCaller(url, CONNECTIONS);
  const calls: Promise<Answered>[] = [];
  const startedMs = performance.now();
  const total = Math.round(pace.perSecond * pace.seconds);
  while (calls.length < total) {
    const due = Math.min(total, ((performance.now() - startedMs) / 1000) * pace.perSecond);
    while (calls.length < due) calls.push(withoutBody(caller.infer(model, body)));
    await sleep(2);
  }
  const answers = await Promise.all(calls);
  caller.close();
  return answers;
}

async function withoutBody(call: ReturnType<RestCaller['infer']>): Promise<Answered> {
  const { body: _, ...answer } = await call;
  return answer;
}
