export { type GatewayConfig, gatewaySettings } from './config.ts';
export { type RunningGateway, startGateway } from './start-gateway.ts';
