import { AppError } from '../../schema/errors.js';

const MAX_LENGTH = 254;
/** What the HTML standard holds for a valid address: one mailbox, without names, lists or line breaks. */
const pattern =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

/**
 * An e-mail address as it is stored and compared: trimmed and in lower case.
 * @throws AppError BAD_USER_INPUT (email)
 */
export function normalizeEmail(text: string): string {
  const email = text.trim().toLowerCase();
  if (email.length <= MAX_LENGTH && pattern.test(email)) return email;
  throw new AppError('BAD_USER_INPUT', { field: 'email', message: 'This is not an e-mail address.' });
}
