import { InMemoryLRUCache } from '@apollo/utils.keyvaluecache';
import type { DocumentNode } from 'graphql';

/** Of operations as JSON, by which they are counted. In memory, with a token for each word of their text, they take several times as much. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Operations that were parsed and found valid, so that those that come again and again are not looked at anew. Room for the hundred or so of
 * any clients; whoever sends others all the time pushes those out, and takes no more memory.
 */
export function checkedOperations(): InMemoryLRUCache<DocumentNode> {
  return new InMemoryLRUCache<DocumentNode>({ maxSize: MAX_BYTES });
}
