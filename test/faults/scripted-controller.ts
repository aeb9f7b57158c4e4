import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import {
  type DeploymentRoute,
  GatewayControlService,
  type GatewayReport,
  RouteSnapshot,
  type VersionStatus,
  VersionStatus_State,
} from '#generated/slipway/control/v1/control';
import { eventually } from '../e2e/eventually.ts';

/** Stands where a controller does and tells gateways what a test wants: the wire without Git, rollouts and a registry behind it. */
export class ScriptedController {
  readonly #server = new Server();
  readonly #streams = new Set<ServerDuplexStream<GatewayReport, RouteSnapshot>>();
  readonly #reports: GatewayReport[] = [];
  #snapshot = RouteSnapshot.fromPartial({ revision: 1n });
  #port = 0;

  private constructor() {
    this.#server.addService(GatewayControlService, {
      attach: (stream: ServerDuplexStream<GatewayReport, RouteSnapshot>) => this.#attach(stream),
    });
  }

  static async start(): Promise<ScriptedController> {
    const controller = new ScriptedController();
    controller.#port = await new Promise<number>((resolve, reject) => {
      controller.#server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
    return controller;
  }

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** What gateways have reported, the oldest first. */
  get reports(): readonly GatewayReport[] {
    return this.#reports;
  }

  /** The newest that a gateway reported of a deployment's version, or of its only one. */
  statusOf(deployment: string, build?: string): VersionStatus | undefined {
    return this.#reports
      .findLast(({ versionsUnchanged }) => !versionsUnchanged)
      ?.versions.find((status) => status.deployment === deployment && (build ?? status.build) === status.build);
  }

  /** Makes deployments the whole desired state. */
  apply(deployments: readonly DeploymentRoute[]): void {
    this.#snapshot = { ...this.#snapshot, revision: this.#snapshot.revision + 1n, deployments: [...deployments] };
    for (const stream of this.#streams) stream.write(this.#snapshot);
  }

  /** Applies deployments and waits until a gateway serves all of them. */
  async serve(deployments: readonly DeploymentRoute[]): Promise<void> {
    this.apply(deployments);
    for (const { name, stable } of deployments) {
      await eventually(
        `${name} is ready`,
        async () => this.statusOf(name, stable?.build),
        (status) => status?.state === VersionStatus_State.READY,
        60_000,
      );
    }
  }

  stop(): void {
    this.#server.forceShutdown();
  }

  #attach(stream: ServerDuplexStream<GatewayReport, RouteSnapshot>): void {
    this.#streams.add(stream);
    stream.on('data', (report: GatewayReport) => this.#reports.push(report));
    stream.on('error', () => this.#streams.delete(stream));
    stream.on('end', () => {
      this.#streams.delete(stream);
      stream.end();
    });
    stream.write(this.#snapshot);
  }
}
