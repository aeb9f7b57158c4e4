export { PrometheusGateProvider, type PrometheusSettings } from './prometheus-gate-provider.ts';
