export { certifiedDnsNames, expiryGauge, openClientTls, openServerTls, type ProgramTls } from './tls.module.ts';
