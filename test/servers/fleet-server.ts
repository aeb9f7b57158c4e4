import { Server, ServerCredentials } from '@grpc/grpc-js';
import { GrpcGatewayFleet } from '#adapters/gateway-fleet';
import type { DeploymentRoute } from '#application/rollout';
import { GatewayControlService } from '#generated/slipway/control/v1/control';

/** The controller as gateways see it, without rollouts: a test says what they shall serve. */
export class FleetServer {
  readonly fleet: GrpcGatewayFleet;
  readonly address: string;
  readonly #server: Server;

  private constructor(fleet: GrpcGatewayFleet, server: Server, port: number) {
    this.fleet = fleet;
    this.#server = server;
    this.address = `127.0.0.1:${port}`;
  }

  static async start(): Promise<FleetServer> {
    const fleet = new GrpcGatewayFleet(Date.now());
    const server = new Server();
    server.addService(GatewayControlService, fleet.service);
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    return new FleetServer(fleet, server, port);
  }

  publish(...routes: readonly DeploymentRoute[]): void {
    this.fleet.publish(routes);
  }

  close(): void {
    this.fleet.close();
    this.#server.forceShutdown();
  }
}
