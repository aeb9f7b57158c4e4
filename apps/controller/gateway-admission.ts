import type { PeerCertificate } from 'node:tls';
import type { AdmitCall } from '#adapters/grpc-access';
import { certificateOf } from '#adapters/http-access';
import { toWireError } from '#adapters/wire-errors';
import type { AccessControl, StandingRefusals } from '#application/access';
import { type Principal, SERVER } from '#domain/access';

/** Lets gateways take routes, and nobody else: what is served where is told to no one who may not know it. */
export function gatewayAdmission(control: AccessControl, denials: StandingRefusals): AdmitCall {
  return async ({ authorization, certificate, peer, forwarding }) => {
    const address = control.addressOf(peer, forwarding);
    const gatewayOf = ({ kind, id, scope }: Principal) => JSON.stringify([kind, id, scope?.keyId, address]);
    const counted = control.withDenialsBy((denial, tell) => {
      const reason = JSON.stringify([denial.action, denial.ruleId]);
      denials.refused(gatewayOf(denial.principal), reason, (repeats) =>
        tell(repeats === undefined ? denial : { ...denial, repeats }),
      );
    });
    try {
      const shown = { authorization, certificate: certificate && verified(certificate) };
      const caller = await counted.admit(shown, address);
      caller.require('gateway.attach', SERVER);
      denials.ended(gatewayOf(caller.principal));
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
