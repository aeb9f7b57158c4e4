import { KeyedSigners } from '#adapters/model-signing';
import type { Signers } from '#domain/signing';

/** Where nobody's signature counts. */
export const NO_SIGNERS: Signers = new KeyedSigners([]);
