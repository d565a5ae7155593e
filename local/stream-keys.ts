import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The key ring that signs this machine's playback URLs: made once, readable by its owner alone, so that
 * URLs outlive a restart.
 */
export function loadStreamKeys(dataDir: string): string {
  const file = join(dataDir, 'stream-keys');
  try {
    writeFileSync(file, `k1:${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8').trim();
}
