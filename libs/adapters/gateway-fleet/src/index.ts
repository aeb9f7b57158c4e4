export { ensembleToWire } from './ensemble-to-wire.ts';
export { GrpcGatewayFleet } from './grpc-gateway-fleet.ts';
