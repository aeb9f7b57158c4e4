export { HookGateProvider, type HookSettings } from './hook-gate-provider.ts';
