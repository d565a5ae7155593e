import { dictionary } from '@zxcvbn-ts/language-common';
import { AppError } from '../../schema/errors.js';

export const MIN_PASSWORD_LENGTH = 10;
/** More would only make us work. */
export const MAX_PASSWORD_LENGTH = 128;

/** Those that are long enough to be chosen here: the first an attacker tries. */
const common = new Set(dictionary['passwords-common'].filter(({ length }) => length >= MIN_PASSWORD_LENGTH));

/** The same password from any keyboard: NIST SP 800-63B section 3.1.1.2. */
export const normalizePassword = (password: string): string => password.normalize('NFKC');

/**
 * Refuses a password that others would guess; it needs no digits or signs else (NIST SP 800-63B).
 * @throws AppError BAD_USER_INPUT (field)
 */
export function checkPassword(
  password: string,
  of: { email: string; name: string },
  field = 'password',
): void {
  const message = objection(normalizePassword(password), of);
  if (message !== undefined) throw new AppError('BAD_USER_INPUT', { field, message });
}

function objection(password: string, { email, name }: { email: string; name: string }): string | undefined {
  const { length } = Array.from(password);
  if (length < MIN_PASSWORD_LENGTH) return `A password has at least ${MIN_PASSWORD_LENGTH} characters.`;
  if (length > MAX_PASSWORD_LENGTH) return `A password has at most ${MAX_PASSWORD_LENGTH} characters.`;
  const lower = password.toLowerCase();
  const [mailbox = ''] = email.split('@');
  const own = [email, mailbox, name, name.replaceAll(' ', '')].map((text) => text.toLowerCase());
  if (own.includes(lower)) return 'The password may not be the address or the name.';
  if (common.has(lower)) return 'Too many people have this password.';
  return undefined;
}
