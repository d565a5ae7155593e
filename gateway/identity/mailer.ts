/** Sends mail, where the installation can. */
export interface Mailer {
  readonly isConfigured: boolean;
  send(mail: { to: string; subject: string; text: string }): Promise<void>;
}

/** Of an installation without a mail server. */
export const noMailer: Mailer = {
  isConfigured: false,
  send: () => Promise.reject(new Error('no mail server is configured')),
};
