import { installGoProgram } from './go.ts';

/** Path of grpcurl, which knows a gRPC server by its reflection alone; built on first use. */
export function installGrpcurl(): Promise<string> {
  return installGoProgram({
    name: 'grpcurl',
    module: 'github.com/fullstorydev/grpcurl/cmd/grpcurl',
    version: 'v1.9.4',
  });
}
