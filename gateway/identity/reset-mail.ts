import type { User } from '../../schema/user.js';

export const RESET_LINK_MINUTES = 60;

/**
 * The mail with the link to a new password. The token stands behind `#`: browsers send that to no server, so
 * it is in no log.
 */
export function passwordResetMail(of: {
  user: Pick<User, 'email' | 'name'>;
  token: string;
  publicUrl: string;
}): { to: string; subject: string; text: string } {
  const { user, token, publicUrl } = of;
  const link = new URL('/reset-password', publicUrl);
  link.hash = token;
  const text = [
    `Hello ${user.name},`,
    '',
    'somebody, hopefully you, asked for a new password at Stream Plus. To choose one, open this link within',
    `${RESET_LINK_MINUTES} minutes:`,
    '',
    link.href,
    '',
    'It works once. If you did not ask, there is nothing to do: your password stays as it is.',
    '',
  ].join('\n');
  return { to: user.email, subject: 'A new password for Stream Plus', text };
}
