import type { Server, ServiceDefinition } from '@grpc/grpc-js';
import { HealthService } from '#generated/grpc/health/v1/health';
import { ServerReflectionService } from '#generated/grpc/reflection/v1/reflection';
import { ServerReflectionService as ServerReflectionAlphaService } from '#generated/grpc/reflection/v1alpha/reflection';
import { createInferenceService, InferenceService } from './grpc-service.ts';
import { createHealthService } from './health-service.ts';
import { forgiving } from './malformed-messages.ts';
import { createReflectionService } from './reflection-service.ts';
import type { GrpcParts } from './serving-parts.ts';

const SERVICES: readonly ServiceDefinition[] = [
  InferenceService,
  HealthService,
  ServerReflectionService,
  ServerReflectionAlphaService,
];

/** Puts every gRPC service of the gateway on a server. */
export function addGrpcServices(server: Server, parts: GrpcParts): void {
  const reflection = createReflectionService(SERVICES.map(nameOf));
  const services = [
    forgiving(InferenceService, createInferenceService(parts)),
    forgiving(HealthService, createHealthService(parts)),
    forgiving(ServerReflectionService, reflection),
    forgiving(ServerReflectionAlphaService, reflection),
  ];
  for (const { definition, implementation } of services) server.addService(definition, implementation);
}

/** A service's full name, from the path of its methods: `/package.Service/Method`. */
function nameOf(service: ServiceDefinition): string {
  const [method] = Object.values(service);
  return method?.path.split('/')[1] ?? '';
}
