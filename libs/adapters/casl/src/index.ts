export { compilePolicies } from './compile-policies.ts';
export { Networks } from './networks.ts';
export { trustedProxies } from './trusted-proxies.ts';
