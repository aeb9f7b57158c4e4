import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import { peerOf } from '#adapters/http-access';
import { GRPCInferenceServiceService } from '#generated/inference/open_inference';
import { admitCall, answerInference } from './grpc-infer.ts';
import { inferStream } from './infer-stream.ts';
import type { RestParts } from './serving-parts.ts';
import { StreamCall } from './stream-call.ts';
import { UnaryCall } from './unary-call.ts';

const INFER_PATH = GRPCInferenceServiceService.modelInfer.path;
const STREAM_PATH = GRPCInferenceServiceService.modelStreamInfer.path;

/**
 * Answers the inference calls of a connection before grpc-js sees them, and leaves it all others: other methods, and what is no gRPC. That
 * is a quarter more small requests on a core (`npm run bench -- gateway`), and compressed messages are unpacked in turn, those of REST and
 * of all connections together: grpc-js would unpack all of them at once.
 */
export function answerInferencesOf(session: ServerHttp2Session, parts: RestParts): void {
  const peer = peerOf(session.socket);
  const others = session.listeners('stream');
  session.removeAllListeners('stream');
  session.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, ...rest: unknown[]) => {
    const path = isGrpc(headers) ? headers[':path'] : undefined;
    if (path === INFER_PATH) {
      const call = new UnaryCall(stream, parts.maxBodyBytes);
      const asked = { headers, peer, isGone: () => call.isOver };
      const whenAdmitted = admitCall(asked, parts, (end) => call.end(end));
      call.take(headers, (message, end) =>
        whenAdmitted((caller) => void answerInference({ ...asked, caller, message }, parts, end)),
      );
    } else if (path === STREAM_PATH) {
      const call = new StreamCall(stream, headers, parts.maxBodyBytes);
      void inferStream(call, { headers, peer, isGone: () => call.isOver }, parts);
    } else for (const pass of others) pass.call(session, stream, headers, ...rest);
  });
}

function isGrpc(headers: IncomingHttpHeaders): boolean {
  return headers[':method'] === 'POST' && headers['content-type']?.startsWith('application/grpc') === true;
}
