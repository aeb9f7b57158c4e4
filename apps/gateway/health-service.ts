import { status } from '@grpc/grpc-js';
import type { HealthCheckResponse, HealthServer } from '#generated/grpc/health/v1/health';
import { GRPCInferenceServiceService } from '#generated/inference/open_inference';
import type { GrpcParts } from './serving-parts.ts';

type ServingStatus = HealthCheckResponse['status'];

/** The service's full name, from its own definition. */
const INFERENCE_SERVICE = GRPCInferenceServiceService.modelInfer.path.split('/')[1];

/**
 * gRPC's health checking protocol: of the server (no name, or the inference service's), and of each model by its name.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/health-checking.md
 */
export function createHealthService(parts: GrpcParts): HealthServer {
  const statusOf = (service: string): ServingStatus => servingStatus(service, parts);
  return {
    check: ({ request }, callback) => {
      const serving = statusOf(request.service);
      if (serving !== 'SERVICE_UNKNOWN') callback(null, { status: serving });
      else
        callback({
          code: status.NOT_FOUND,
          details: `neither a service nor a model: ${request.service.slice(0, 130)}`,
        });
    },
    watch: (call) => {
      let told: ServingStatus | undefined;
      const tell = () => {
        const serving = statusOf(call.request.service);
        if (serving === told) return;
        told = serving;
        call.write({ status: serving });
      };
      const stop = parts.changes.listen(tell);
      call.on('cancelled', () => {
        stop();
        call.end();
      });
      tell();
    },
  };
}

function servingStatus(service: string, { servingSet, directory, isDraining }: GrpcParts): ServingStatus {
  if (service === '' || service === INFERENCE_SERVICE)
    return servingSet.isReady && !isDraining() ? 'SERVING' : 'NOT_SERVING';
  if (!directory.isKnown(service)) return 'SERVICE_UNKNOWN';
  return directory.isReady(service, undefined) && !isDraining() ? 'SERVING' : 'NOT_SERVING';
}
