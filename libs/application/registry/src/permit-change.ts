/**
 * Refuses a change by throwing. It is asked in the moment of the change, of the record as it is in the bucket and as it would be: whatever
 * was found out before may be no longer so.
 *
 * @param before `undefined` for a record that is not there yet.
 */
export type PermitChange<T> = (before: T | undefined, after: T) => void;
