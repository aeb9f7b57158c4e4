export { type AdmitCall, admitCalls, authorizationOf, type CallRefusal, type ShownByCall } from './admit-calls.ts';
