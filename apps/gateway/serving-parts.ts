import type { Logger } from '#adapters/telemetry';
import type { InferencePipeline, ServingSet } from '#application/serving';
import type { ChangeSignal } from './change-signal.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import type { GrpcPeers } from './grpc-peers.ts';
import type { InferenceTelemetry } from './inference-telemetry.ts';
import type { ModelDirectory } from './model-directory.ts';
import type { ModelRepository } from './model-repository.ts';
import type { ServingAccess } from './serving-access.ts';

/** What the REST routes work on. */
export interface RestParts {
  readonly access: ServingAccess;
  readonly pipeline: InferencePipeline;
  readonly directory: ModelDirectory;
  readonly repository: ModelRepository;
  readonly servingSet: ServingSet;
  readonly metrics: Pick<GatewayMetrics, 'stagesOf'>;
  readonly telemetry: InferenceTelemetry;
  readonly logger: Logger;
  /** Bytes of a request's body, with its compression and without. */
  readonly maxBodyBytes: number;
  /** True from the moment of shutdown: new requests are refused then, those in flight end. */
  readonly isDraining: () => boolean;
}

/** What the gRPC services work on. */
export interface GrpcParts extends RestParts {
  readonly peers: GrpcPeers;
  /** Tells of every change of what is ready. */
  readonly changes: ChangeSignal;
}
