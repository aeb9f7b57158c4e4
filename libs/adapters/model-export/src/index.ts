export { type ArchiveFile, tarOf } from './archive.ts';
export { ARCHIVE_LAYOUTS, type ArchiveLayout, archiveNames, type LaidOutVariant } from './archive-layout.ts';
export { type ExportedVariant, kserveArchivePath, kserveManifest } from './kserve-manifest.ts';
export { type ImageDescription, writeOciLayout } from './oci-layout.ts';
