import { status } from '@grpc/grpc-js';
import { HealthService } from '#generated/grpc/health/v1/health';
import { ServerReflectionService } from '#generated/grpc/reflection/v1/reflection';
import {
  GRPCInferenceServiceService,
  ModelInferRequest,
  ModelInferResponse,
  ModelStreamInferResponse,
} from '#generated/inference/open_inference';
import { registryOperations } from '#generated/registry-operations';
import type { Endpoints } from '../e2e/slipway-server.ts';
import { GrpcCaller } from './grpc-caller.ts';
import { HostileDocuments } from './hostile-documents.ts';
import { HostileRequests } from './hostile-requests.ts';
import { HostileRoutes, type Program } from './hostile-routes.ts';
import { answersTo, statusesIn } from './raw-connection.ts';
import { type Answered, jsonBody, RestCaller } from './rest-caller.ts';
import type { seededRandom } from './seeded-random.ts';
import { internalsIn } from './told-internals.ts';

/** What became of one request. */
export interface Outcome {
  readonly interface: string;
  /** In a word. */
  readonly answer: string;
  /** What is wrong with it; `undefined` when it is as it should be. */
  readonly blame: string | undefined;
  readonly tookMs: number;
}

/** Keys by who shows them; `undefined` for whoever shows none. */
export type Keys = Readonly<Record<'admin' | 'invoker' | 'viewer' | 'wrong' | 'nobody', string | undefined>>;

/**
 * Answers of 500 and more that docs/reference/errors.md has for what a client can ask here: its own timeout. Everything that the programs need is
 * there all the while, so that nothing may be unavailable.
 */
const EXPECTED_5XX = ['REQUEST_TIMED_OUT'];
/** Everything but that the server is to blame, or is not there. */
const BLAMELESS: readonly number[] = [
  status.OK,
  // The client's own break.
  status.CANCELLED,
  status.INVALID_ARGUMENT,
  // The request's own timeout, of a microsecond.
  status.DEADLINE_EXCEEDED,
  status.NOT_FOUND,
  status.PERMISSION_DENIED,
  status.UNAUTHENTICATED,
  status.RESOURCE_EXHAUSTED,
  status.FAILED_PRECONDITION,
  status.UNIMPLEMENTED,
];
const CONTROLLER_OPERATIONS = [
  'query ($name: String!) { deployment(name: $name) { name namespace } }',
  'query ($first: Int, $after: String) { deployments(first: $first, after: $after) { nodes { name } } }',
  'mutation ($name: String!) { promote(name: $name, full: true) { name } }',
  'mutation ($name: String!) { skip(name: $name) { name } }',
  'mutation ($name: String!) { abort(name: $name) { name } }',
  'mutation ($name: String!) { retry(name: $name) { name } }',
  '{ __schema { types { name fields { name } } } }',
];
const UNARY_PATHS = [...Object.values(GRPCInferenceServiceService), HealthService.check]
  .filter(
    ({ requestStream, responseStream, path }) => !requestStream && !responseStream && !path.endsWith('/ModelInfer'),
  )
  .map(({ path }) => path);
const INFER = GRPCInferenceServiceService.modelInfer.path;
const STREAM = GRPCInferenceServiceService.modelStreamInfer.path;
const REFLECTION = ServerReflectionService.serverReflectionInfo.path;
const RIGHT = [1.5, -2];
const CONNECTIONS = 16;
/** Of many connections at once some are answered late. */
const RAW_PATIENCE_MS = 200;

/** Sends requests of all interfaces in turn, most of them wrong, with keys of several people, and judges the answers. */
export class MixedTraffic {
  readonly #random: ReturnType<typeof seededRandom>;
  readonly #endpoints: Endpoints;
  readonly #keys: Keys;
  readonly #callers: Readonly<Record<Program, RestCaller>>;
  readonly #grpc: GrpcCaller;
  readonly #requests: HostileRequests;
  readonly #routes: HostileRoutes;
  readonly #documents: Readonly<Record<'registry' | 'controller', HostileDocuments>>;

  constructor(random: ReturnType<typeof seededRandom>, endpoints: Endpoints, keys: Keys) {
    this.#random = random;
    this.#endpoints = endpoints;
    this.#keys = keys;
    this.#callers = {
      gateway: new RestCaller(endpoints.gateway, CONNECTIONS),
      registry: new RestCaller(endpoints.registry, CONNECTIONS),
      controller: new RestCaller(endpoints.controller, CONNECTIONS),
    };
    this.#grpc = new GrpcCaller(endpoints.gatewayGrpc);
    this.#requests = new HostileRequests(random);
    this.#routes = new HostileRoutes(random);
    this.#documents = {
      registry: new HostileDocuments(random, Object.values(registryOperations)),
      controller: new HostileDocuments(random, CONTROLLER_OPERATIONS),
    };
  }

  /** The next request. */
  send(): Promise<Outcome> {
    const kind = this.#random.random();
    if (kind < 0.25) return this.#restInference();
    if (kind < 0.33) return this.#route();
    if (kind < 0.6) return this.#unary();
    if (kind < 0.66) return this.#stream();
    if (kind < 0.72) return this.#otherCall();
    if (kind < 0.8) return this.#graphql('registry');
    if (kind < 0.87) return this.#graphql('controller');
    if (kind < 0.91) return this.#raw();
    return this.#right();
  }

  close(): void {
    for (const caller of Object.values(this.#callers)) caller.close();
    this.#grpc.close();
  }

  async #restInference(): Promise<Outcome> {
    const { model, body } = this.#random.random() < 0.6 ? this.#requests.json() : this.#requests.binary();
    const headers = { ...body.headers, ...this.#anybody() };
    const answered = await this.#callers.gateway.infer(model, { bytes: body.bytes, headers });
    return restOutcome('REST inference', answered, `${model} ${glance(body.bytes)}`);
  }

  async #route(): Promise<Outcome> {
    const { program, method, path, headers, bytes } = this.#routes.route();
    const answered = await this.#callers[program].send(method, path, bytes, { ...headers, ...this.#anybody() });
    return restOutcome('REST routes', answered, `${program} ${method} ${path.slice(0, 200)} ${glance(bytes)}`);
  }

  async #graphql(program: 'registry' | 'controller'): Promise<Outcome> {
    const text = this.#documents[program].body();
    const headers = { 'content-type': 'application/json', ...this.#anybody() };
    const answered = await this.#callers[program].send('POST', '/graphql', Buffer.from(text), headers);
    const outcome = restOutcome(`GraphQL ${program}`, answered, text.slice(0, 600));
    const isInternal = answered.body.includes('"INTERNAL"');
    return isInternal ? { ...outcome, blame: `INTERNAL: ${glance(answered.body)} to ${text.slice(0, 600)}` } : outcome;
  }

  async #unary(): Promise<Outcome> {
    const message = this.#requests.message();
    return grpcOutcome(
      'gRPC unary',
      await this.#grpc.unary(INFER, message, this.#anybody(), this.#isPacked()),
      message,
    );
  }

  async #stream(): Promise<Outcome> {
    const { count, random } = this.#random;
    const messages = Array.from({ length: count(6) }, () => this.#requests.message());
    const leavesAfter = random() < 0.1 ? 1 : undefined;
    const call = await this.#grpc.stream(STREAM, messages, this.#anybody(), this.#isPacked(), leavesAfter);
    const outcome = grpcOutcome('gRPC stream', call, Buffer.concat(messages));
    const told = call.answers.map((answer) => ModelStreamInferResponse.decode(answer).errorMessage);
    const wrong = told.find((message) => message.startsWith('INTERNAL') || internalsIn(message) !== undefined);
    const isWhole = call.code !== status.OK || call.answers.length === messages.length;
    if (wrong === undefined && isWhole) return outcome;
    return { ...outcome, blame: wrong ?? `${call.answers.length} answers to ${messages.length} messages` };
  }

  /** Other methods than inferences. */
  async #otherCall(): Promise<Outcome> {
    const { pick, random } = this.#random;
    const message = this.#requests.message();
    const call =
      random() < 0.1
        ? await this.#grpc.stream(REFLECTION, [message], this.#anybody(), this.#isPacked())
        : await this.#grpc.unary(pick(UNARY_PATHS), message, this.#anybody(), this.#isPacked());
    return grpcOutcome('gRPC others', call, message);
  }

  /** What is no request at all, or half of one, on a connection of any port. */
  async #raw(): Promise<Outcome> {
    const { gateway, registry, controller, gatewayGrpc } = this.#endpoints;
    const bytes = this.#requests.connection();
    const url = this.#random.pick([gateway, gateway, registry, controller, `http://${gatewayGrpc}`]);
    const { answer, tookMs } = await answersTo(url, bytes, RAW_PATIENCE_MS);
    const [first, ...more] = statusesIn(answer);
    const isExpected = EXPECTED_5XX.some((code) => answer.includes(code));
    const isOurs = [first ?? 0, ...more].some((code) => code >= 500) && !isExpected;
    const blame = isOurs ? `${answer.slice(0, 300)} to ${glance(bytes)}` : undefined;
    return { interface: 'TCP', answer: String(first ?? 'nothing'), blame, tookMs };
  }

  /** A request that is right, and has to be answered so. */
  #right(): Promise<Outcome> {
    return this.#random.pick([
      () => this.#rightByRest(),
      () => this.#rightByGrpc(),
      () => this.#rightByGraphql('registry', '{ models { nodes { name } } }', /"identity-fp32"/),
      () => this.#rightByGraphql('controller', '{ deployment(name: "identity-fp32") { name } }', /"identity-fp32"/),
    ])();
  }

  async #rightByRest(): Promise<Outcome> {
    const body = jsonBody([{ name: 'given', datatype: 'FP32', shape: [1, 2], data: RIGHT }]);
    const headers = { ...body.headers, ...shown(this.#keys.invoker) };
    const answered = await this.#callers.gateway.infer('identity-fp32', { ...body, headers });
    return rightOutcome(answered, new RegExp(`"data":\\[${RIGHT.join(',')}\\]`));
  }

  async #rightByGrpc(): Promise<Outcome> {
    const tensor = { name: 'given', datatype: 'FP32', shape: [1n, 2n] };
    const bytes = Buffer.from(Float32Array.from(RIGHT).buffer);
    const request = { modelName: 'identity-fp32', inputs: [tensor], rawInputContents: [bytes] };
    const message = Buffer.from(ModelInferRequest.encode(ModelInferRequest.fromPartial(request)).finish());
    const call = await this.#grpc.unary(INFER, message, shown(this.#keys.invoker), this.#isPacked());
    const [answer] = call.answers;
    const output = answer === undefined ? undefined : ModelInferResponse.decode(answer).rawOutputContents[0];
    const isRight = output !== undefined && bytes.equals(output);
    const blame = isRight ? undefined : `a right call was answered ${status[call.code]}: ${call.details}`;
    return { interface: 'right', answer: isRight ? 'right' : 'wrong', blame, tookMs: call.tookMs };
  }

  async #rightByGraphql(program: 'registry' | 'controller', query: string, wanted: RegExp): Promise<Outcome> {
    const headers = { 'content-type': 'application/json', ...shown(this.#keys.viewer) };
    const bytes = Buffer.from(JSON.stringify({ query }));
    return rightOutcome(await this.#callers[program].send('POST', '/graphql', bytes, headers), wanted);
  }

  #anybody(): Record<string, string> {
    const { random, pick } = this.#random;
    const who = random() < 0.6 ? pick(['invoker', 'admin'] as const) : pick(['viewer', 'wrong', 'nobody'] as const);
    return shown(this.#keys[who]);
  }

  #isPacked(): boolean {
    return this.#random.random() < 0.3;
  }
}

const shown = (key: string | undefined): Record<string, string> =>
  key === undefined ? {} : { authorization: `Bearer ${key}` };
const glance = (bytes: Buffer) => JSON.stringify(bytes.toString('latin1').slice(0, 600));

type RestAnswer = Answered & { readonly body: Buffer };

function restOutcome(by: string, { status: code, tookMs, body, code: error }: RestAnswer, request: string): Outcome {
  const isExpected = EXPECTED_5XX.includes(error);
  const internals = code >= 400 ? internalsIn(body.toString('latin1')) : undefined;
  const isOurs = code === 0 || (code >= 500 && !isExpected) || internals !== undefined;
  const blame = isOurs ? `${code} ${error} ${glance(body)} to ${request}` : undefined;
  return { interface: by, answer: String(code), blame, tookMs };
}

function grpcOutcome(
  by: string,
  { code, details, tookMs }: { readonly code: number; readonly details: string; readonly tookMs: number },
  message: Buffer,
): Outcome {
  const isOurs = !BLAMELESS.includes(code) || internalsIn(details) !== undefined;
  const request = message.toString('hex').slice(0, 1000);
  const blame = isOurs ? `${by} ${status[code]} ${details} to ${request}` : undefined;
  return { interface: by, answer: status[code] ?? String(code), blame, tookMs };
}

function rightOutcome({ status: code, tookMs, body }: RestAnswer, wanted: RegExp): Outcome {
  const isRight = code === 200 && wanted.test(body.toString());
  const blame = isRight ? undefined : `a right request was answered ${code}: ${glance(body)}`;
  return { interface: 'right', answer: isRight ? 'right' : 'wrong', blame, tookMs };
}
