export { compilePolicies } from './compile-policies.ts';
export { Networks } from './networks.ts';
