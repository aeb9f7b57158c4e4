export { ControllerClient } from './controller-client.ts';
