export { addressBehind, type ForwardingHeaders } from './address-behind.ts';
export { type AdmitOptions, admitCallers } from './admit-callers.ts';
export { admitSubscriber, type Subscriber } from './admit-subscriber.ts';
export { type Peer, peerOf } from './peer.ts';
export { certificateOf, presentedBy } from './presented.ts';
export { type RenewedCaller, renewCaller } from './renewed-caller.ts';
