export { type AdmitOptions, admitCallers } from './admit-callers.ts';
export { certificateOf, presentedBy } from './presented.ts';
