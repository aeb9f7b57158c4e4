export { type ClientFiles, ClientTls, type GrpcChannel } from './client-tls.ts';
export type { FollowEvents } from './followed-files.ts';
export { type Identity, type NamedFile, TlsMaterialError } from './pem-file.ts';
export type { ServerFiles } from './server-material.ts';
export { ServerTls, type ServerTlsParts, type ServerTlsSettings } from './server-tls.ts';
