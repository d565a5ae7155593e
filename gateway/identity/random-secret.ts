import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;

/** What nobody can guess: 256 random bits, base64url. */
export const newSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');

/** A secret is random: a plain hash of it tells nobody what it is. SHA-256, hex. */
export const hashOfSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');
