export { type ControllerConfig, controllerSettings } from './config.ts';
export { type RunningController, startController } from './start-controller.ts';
