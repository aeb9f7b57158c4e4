export type { ObjectEntry, ObjectStore, StoredObject, WriteCondition } from './object-store.ts';
