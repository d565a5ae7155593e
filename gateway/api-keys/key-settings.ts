import { parseCidr } from '../../platform/address-ranges.js';
import { canonicalOrigin, type KeyRestrictions } from '../../platform/key-restrictions.js';
import { AppError } from '../../schema/errors.js';

/** Restrictions as a client gives them. */
export interface GivenRestrictions {
  cidrs?: readonly string[] | null;
  origins?: readonly string[] | null;
}

/**
 * Restrictions as they are stored: each once, origins as browsers write them; absent where there are none.
 * @throws AppError BAD_USER_INPUT (cidrs, origins)
 */
export function restrictionsOf({ cidrs, origins }: GivenRestrictions): KeyRestrictions {
  return {
    cidrs: each('cidrs', cidrs, (text) => (parseCidr(text) ? text : undefined)),
    origins: each('origins', origins, canonicalOrigin),
  };
}

function each(
  field: keyof GivenRestrictions,
  texts: readonly string[] | null | undefined,
  read: (text: string) => string | undefined,
): string[] | undefined {
  if (!texts || texts.length === 0) return undefined;
  const known = new Set<string>();
  for (const text of texts) {
    const value = read(text.trim());
    if (value === undefined) throw new AppError('BAD_USER_INPUT', { field, message: messages[field] });
    known.add(value);
  }
  return [...known];
}

const messages: Readonly<Record<keyof GivenRestrictions, string>> = {
  cidrs: 'cidrs must be addresses or ranges of them, such as 192.0.2.0/24 or 2001:db8::/32.',
  origins: 'origins must be origins of pages, such as https://app.example.com.',
};

/** @throws AppError BAD_USER_INPUT (expiresAt) where the moment is past */
export function requireFuture(expiresAt: Date | null | undefined, now: number): Date | undefined {
  if (!expiresAt) return undefined;
  if (expiresAt.getTime() > now) return expiresAt;
  throw new AppError('BAD_USER_INPUT', { field: 'expiresAt', message: 'expiresAt must be in the future.' });
}
