import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import { peerOf } from '#adapters/http-access';
import { GRPCInferenceServiceService } from '#generated/inference/open_inference';
import { answerInference, refuseStranger } from './grpc-infer.ts';
import type { RestParts } from './serving-parts.ts';
import { type AnswerCall, UnaryCall } from './unary-call.ts';

const INFER_PATH = GRPCInferenceServiceService.modelInfer.path;

/**
 * Answers the inference calls of a connection before grpc-js sees them, and leaves it all others: other methods, compressed messages, what
 * is no gRPC. That is a quarter more small requests on a core (`npm run bench -- gateway`).
 */
export function answerInferencesOf(session: ServerHttp2Session, parts: RestParts): void {
  const peer = peerOf(session.socket);
  const answer: AnswerCall = (message, headers, end) => void answerInference({ message, headers, peer }, parts, end);
  const others = session.listeners('stream');
  session.removeAllListeners('stream');
  session.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, ...rest: unknown[]) => {
    if (!isPlainInference(headers)) {
      for (const pass of others) pass.call(session, stream, headers, ...rest);
      return;
    }
    const call = new UnaryCall(stream, parts.maxBodyBytes);
    call.take(headers, answer);
    refuseStranger({ headers, peer }, parts, (end) => call.end(end));
  });
}

function isPlainInference(headers: IncomingHttpHeaders): boolean {
  return (
    headers[':path'] === INFER_PATH &&
    headers[':method'] === 'POST' &&
    headers['content-type']?.startsWith('application/grpc') === true &&
    (headers['grpc-encoding'] ?? 'identity') === 'identity'
  );
}
