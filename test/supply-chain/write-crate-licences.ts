/**
 * Writes down the licences of the crates in native/Cargo.lock, for the bill of materials: `npm run sbom:crates`, where that file has changed.
 */
import { askCargoForLicences, writeCrateLicences } from './crate-licences.ts';

writeCrateLicences(askCargoForLicences());
