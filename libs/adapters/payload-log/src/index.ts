export { ObjectStorePayloadLog, type PayloadLogEvent, type PayloadLogOptions } from './object-store-payload-log.ts';
