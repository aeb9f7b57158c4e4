/**
 * Writes the software bill of materials of what is installed for production, and of what the addon is built of: `npm run sbom -- --output <file>`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { billOfMaterials } from './bill-of-materials.ts';
import { readCargoLock } from './cargo-lock.ts';
import { readLockFile, root } from './lock-file.ts';

const { values } = parseArgs({ options: { output: { type: 'string', short: 'o', default: 'sbom.cdx.json' } } });
const self = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { name: string; license: string };
const document = billOfMaterials({ packages: readLockFile(), crates: readCargoLock() }, self);
writeFileSync(values.output, `${JSON.stringify(document, null, 2)}\n`);
console.error(`${values.output}: ${document.components.length} packages and crates, CycloneDX ${document.specVersion}`);
