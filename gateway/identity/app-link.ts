/**
 * A link to a page of the application, with a token for it. The token stands behind `#`: browsers send that to
 * no server, so it is in no log and no `Referer`.
 */
export const appLink = (publicAppUrl: string, page: 'invitation' | 'reset-password', token: string): string =>
  `${publicAppUrl}/${page}#${token}`;
