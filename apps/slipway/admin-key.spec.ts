import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { administratorKey } from '#application/access';
import { adminKeyIn } from './admin-key.ts';

it('the key of a state directory is made up once, for its owner alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-key-'));
  try {
    const key = adminKeyIn(folder);
    expect(() => administratorKey(key, (text) => text)).not.toThrow();
    expect(adminKeyIn(folder)).toBe(key);
    expect(statSync(join(folder, 'admin.key')).mode & 0o777).toBe(0o600);
    rmSync(join(folder, 'admin.key'));
    expect(adminKeyIn(folder)).not.toBe(key);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
