import type { IncomingMessage } from 'node:http';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import type { ClientCertificate, Presented } from '#application/access';

/** What a request shows of who sends it: its header, and the certificate of its connection, if that was verified. */
export function presentedBy({ headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>): Presented {
  return { authorization: headers.authorization, certificate: certificateOf(socket as Partial<TLSSocket>) };
}

/** What connections have shown: it stays as it is for as long as they are open. */
const shownOn = new WeakMap<object, ClientCertificate>();

/** The certificate of a connection whose chain was verified; `undefined` for others. */
export function certificateOf(socket: Partial<TLSSocket>): ClientCertificate | undefined {
  if (socket.authorized !== true || socket.getPeerCertificate === undefined) return undefined;
  const known = shownOn.get(socket);
  if (known !== undefined) return known;
  const certificate = readCertificate(socket as TLSSocket);
  if (certificate !== undefined) shownOn.set(socket, certificate);
  return certificate;
}

function readCertificate(socket: TLSSocket): ClientCertificate | undefined {
  const certificate = socket.getPeerCertificate();
  // Without one the object is empty.
  if (certificate.subject === undefined) return undefined;
  return { subject: subjectOf(certificate), uris: urisOf(certificate) };
}

/**
 * In the order and with the names of the certificate: `CN=shop,O=Example`.
 *
 * @see RFC 4514 section 2.4 for what is escaped: or one name could be made to read like several.
 */
function subjectOf({ subject }: PeerCertificate): string {
  return Object.entries(subject)
    .flatMap(([name, values]) => [values].flat().map((value) => `${name}=${escaped(String(value))}`))
    .join(',');
}

function escaped(value: string): string {
  return value.replaceAll(/[,+"\\<>;=]/g, '\\$&');
}

/** Node.js quotes an alternative name in JSON when it could be taken for several. */
function urisOf({ subjectaltname = '' }: PeerCertificate): readonly string[] {
  const names = subjectaltname.match(/[A-Za-z ]+:(?:"(?:[^"\\]|\\.)*"|[^,]*)/g) ?? [];
  return names
    .map((name) => name.trim())
    .filter((name) => name.startsWith('URI:'))
    .map((name) => name.slice('URI:'.length))
    .map((uri) => (uri.startsWith('"') ? (JSON.parse(uri) as string) : uri));
}
