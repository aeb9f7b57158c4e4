/**
 * Loaded into a program before it starts (`node --import`): makes its disk fail below one folder, as a file that a test writes says.
 */
import { readFileSync } from 'node:fs';
import { injectDiskFaults } from '../../libs/testing/src/disk-faults.ts';

const folder = process.env['FAULTY_FOLDER'] ?? '';
const modeFile = process.env['FAULTY_MODE_FILE'] ?? '';

/** What is wrong now: the file's text, empty when nothing is. */
function mode(): string {
  try {
    return readFileSync(modeFile, 'utf8');
  } catch {
    return '';
  }
}

injectDiskFaults((operation, path) => {
  if (!path.startsWith(folder)) return undefined;
  switch (mode()) {
    case 'slow':
      return { delayMs: 100 };
    case 'full':
      return operation === 'write' && path.includes('/partial/') ? { code: 'ENOSPC' } : undefined;
    case 'unreadable':
      return operation === 'read' && path.includes('/sha256/') ? { code: 'EIO' } : undefined;
    case 'failing':
      return operation === 'write' ? { code: 'EIO' } : undefined;
    case 'read-only':
      return operation === 'write' ? { code: 'EROFS' } : undefined;
    default:
      return undefined;
  }
});
