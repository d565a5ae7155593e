import { createHash } from 'node:crypto';

const KEY_BYTES = 12;

/**
 * Stands for a project's viewer in tokens and in messages: the same for the same viewer, and of no use to find out who
 * it is but by guessing names.
 */
export const viewerKey = (projectId: string, userId: string): string =>
  createHash('sha256')
    .update(`${projectId}\0${userId}`)
    .digest()
    .subarray(0, KEY_BYTES)
    .toString('base64url');
