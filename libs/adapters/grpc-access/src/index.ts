export {
  type AdmitCall,
  admitCalls,
  authorizationOf,
  type CallRefusal,
  forwardingOf,
  type ShownByCall,
} from './admit-calls.ts';
