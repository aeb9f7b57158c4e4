import type { Server, ServiceDefinition } from '@grpc/grpc-js';
import { HealthService } from '#generated/grpc/health/v1/health';
import { ServerReflectionService } from '#generated/grpc/reflection/v1/reflection';
import { ServerReflectionService as ServerReflectionAlphaService } from '#generated/grpc/reflection/v1alpha/reflection';
import { GRPCInferenceServiceService } from '#generated/inference/open_inference';
import { createInferenceService } from './grpc-service.ts';
import { createHealthService } from './health-service.ts';
import { createReflectionService } from './reflection-service.ts';
import type { GrpcParts } from './serving-parts.ts';

const SERVICES: readonly ServiceDefinition[] = [
  GRPCInferenceServiceService,
  HealthService,
  ServerReflectionService,
  ServerReflectionAlphaService,
];

/** Puts every gRPC service of the gateway on a server. */
export function addGrpcServices(server: Server, parts: GrpcParts): void {
  const reflection = createReflectionService(SERVICES.map(nameOf));
  server.addService(GRPCInferenceServiceService, createInferenceService(parts));
  server.addService(HealthService, createHealthService(parts));
  server.addService(ServerReflectionService, reflection);
  server.addService(ServerReflectionAlphaService, reflection);
}

/** A service's full name, from the path of its methods: `/package.Service/Method`. */
function nameOf(service: ServiceDefinition): string {
  const [method] = Object.values(service);
  return method?.path.split('/')[1] ?? '';
}
