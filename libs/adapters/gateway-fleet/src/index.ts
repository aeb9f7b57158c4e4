export { GrpcGatewayFleet } from './grpc-gateway-fleet.ts';
