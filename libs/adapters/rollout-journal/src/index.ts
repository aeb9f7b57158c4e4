export { ObjectStoreJournal } from './object-store-journal.ts';
export { ObjectStoreLease } from './object-store-lease.ts';
