import { type ServerWritableStream, status } from '@grpc/grpc-js';
import type { HealthCheckRequest, HealthCheckResponse, HealthServer } from '#generated/grpc/health/v1/health';
import { GRPCInferenceServiceService } from '#generated/inference/open_inference';
import { callerOf, type ShownByCall, serviceError } from './grpc-answers.ts';
import { DESCRIBE } from './operation-access.ts';
import type { GrpcParts } from './serving-parts.ts';

type ServingStatus = HealthCheckResponse['status'];
type WatchCall = ServerWritableStream<HealthCheckRequest, HealthCheckResponse>;

/** The service's full name, from its own definition. */
const INFERENCE_SERVICE = GRPCInferenceServiceService.modelInfer.path.split('/')[1];

/**
 * gRPC's health checking protocol: of the server (no name, or the inference service's), for whoever asks, and of each model by its name,
 * for those who may know of it.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/health-checking.md
 */
export function createHealthService(parts: GrpcParts): HealthServer {
  return {
    check: async (call, callback) => {
      try {
        const { service } = call.request;
        const serving = await statusFor(call, service, parts);
        if (serving !== 'SERVICE_UNKNOWN') callback(null, { status: serving });
        else callback({ code: status.NOT_FOUND, details: `neither a service nor a model: ${service.slice(0, 130)}` });
      } catch (error) {
        callback(serviceError(error, parts.logger));
      }
    },
    watch: (call) => watch(call, parts),
  };
}

/** Tells of every change, until the client goes or its credential is not valid any more. */
function watch(call: WatchCall, parts: GrpcParts): void {
  let told: ServingStatus | undefined;
  const tell = async () => {
    try {
      const serving = await statusFor(call, call.request.service, parts);
      if (serving === told || call.writableEnded) return;
      told = serving;
      call.write({ status: serving });
    } catch (error) {
      stop();
      call.emit('error', serviceError(error, parts.logger));
    }
  };
  const stop = parts.changes.listen(() => void tell());
  call.on('cancelled', () => {
    stop();
    call.end();
  });
  void tell();
}

/** @throws UNAUTHENTICATED, TOKEN_ISSUER_UNAVAILABLE */
async function statusFor(call: ShownByCall, service: string, parts: GrpcParts): Promise<ServingStatus> {
  const { access, servingSet, directory, isDraining } = parts;
  if (service === '' || service === INFERENCE_SERVICE)
    return servingSet.isReady && !isDraining() ? 'SERVING' : 'NOT_SERVING';
  const caller = await callerOf(call, parts);
  if (!directory.isKnown(service) || !access.may(caller, DESCRIBE.action, service)) return 'SERVICE_UNKNOWN';
  return directory.isReady(service, undefined) && !isDraining() ? 'SERVING' : 'NOT_SERVING';
}
