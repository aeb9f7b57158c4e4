export { type AdmitOptions, admitCallers } from './admit-callers.ts';
export { type Peer, peerOf } from './peer.ts';
export { certificateOf, presentedBy } from './presented.ts';
