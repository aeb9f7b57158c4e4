export { ObjectStoreJournal } from './object-store-journal.ts';
