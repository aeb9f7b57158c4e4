export { ControllerClient, type ControllerClientOptions } from './controller-client.ts';
