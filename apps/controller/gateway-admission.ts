import type { PeerCertificate } from 'node:tls';
import type { AdmitCall } from '#adapters/grpc-access';
import { certificateOf } from '#adapters/http-access';
import { toWireError } from '#adapters/wire-errors';
import type { AccessControl } from '#application/access';
import { SERVER } from '#domain/access';

/** Lets gateways take routes, and nobody else: what is served where is told to no one who may not know it. */
export function gatewayAdmission(control: AccessControl): AdmitCall {
  return async ({ authorization, certificate, peer, forwarding }) => {
    try {
      const shown = { authorization, certificate: certificate && verified(certificate) };
      const caller = await control.admit(shown, control.addressOf(peer, forwarding));
      caller.require('gateway.attach', SERVER);
      return undefined;
    } catch (error) {
      const { code, grpcStatus, message } = toWireError(error);
      return { code: grpcStatus, message: `${code}: ${message}` };
    }
  };
}

/** gRPC gives certificates whose chain was verified, and no others. */
function verified(certificate: PeerCertificate) {
  return certificateOf({ authorized: true, getPeerCertificate: () => certificate as never });
}
