export { type AdmitCall, admitCalls, type CallRefusal, type ShownByCall } from './admit-calls.ts';
