import { type ServerDuplexStream, status } from '@grpc/grpc-js';
import { gatewayDescriptors } from '#generated/gateway-descriptors';
import type {
  ServerReflectionRequest,
  ServerReflectionResponse,
  ServerReflectionServer,
} from '#generated/grpc/reflection/v1/reflection';
import { DescriptorIndex } from './descriptor-index.ts';

type ReflectionCall = ServerDuplexStream<ServerReflectionRequest, ServerReflectionResponse>;
type Answer = ServerReflectionResponse['messageResponse'];

/**
 * gRPC server reflection, which v1 and v1alpha have alike. The contracts are those that the code was generated from.
 *
 * @param services full names of those that the server has.
 * @see https://github.com/grpc/grpc/blob/master/doc/server-reflection.md
 */
export function createReflectionService(services: readonly string[]): ServerReflectionServer {
  const index = new DescriptorIndex(Buffer.from(gatewayDescriptors, 'base64'));
  return {
    serverReflectionInfo: (call: ReflectionCall) => {
      call.on('data', (request: ServerReflectionRequest) => {
        const messageResponse = answerTo(request.messageRequest, index, services);
        // An answer can be a thousand times its request: who does not read asks no more.
        if (call.write({ validHost: request.host, originalRequest: request, messageResponse })) return;
        call.pause();
        call.once('drain', () => call.resume());
      });
      // A client that breaks off wants no answer, and an error without a listener would end the process.
      call.on('error', () => {});
      call.on('end', () => call.end());
    },
  };
}

function answerTo(
  question: ServerReflectionRequest['messageRequest'],
  index: DescriptorIndex,
  services: readonly string[],
): Answer {
  switch (question?.$case) {
    case 'listServices':
      return { $case: 'listServicesResponse', value: { service: services.map((name) => ({ name })) } };
    case 'fileByFilename':
      return filesOr(index.file(question.value), `no file ${question.value.slice(0, 200)}`);
    case 'fileContainingSymbol':
      return filesOr(index.fileContaining(question.value), `no symbol ${question.value.slice(0, 200)}`);
    case 'allExtensionNumbersOfType':
      if (index.fileContaining(question.value) === undefined)
        return notFound(`no type ${question.value.slice(0, 200)}`);
      return {
        $case: 'allExtensionNumbersResponse',
        value: { baseTypeName: question.value, extensionNumber: [] },
      };
    case 'fileContainingExtension':
      return notFound('no message here has extensions');
    default:
      return {
        $case: 'errorResponse',
        value: { errorCode: status.INVALID_ARGUMENT, errorMessage: 'asks for nothing' },
      };
  }
}

function filesOr(files: Uint8Array[] | undefined, problem: string): Answer {
  if (files === undefined) return notFound(problem);
  return { $case: 'fileDescriptorResponse', value: { fileDescriptorProto: files } };
}

function notFound(errorMessage: string): Answer {
  return { $case: 'errorResponse', value: { errorCode: status.NOT_FOUND, errorMessage } };
}
