import { describe, expect, it } from '@jest/globals';
import type { Mailer } from '../../gateway/identity/mailer.js';
import { eventually, withGateway } from './gateway-fixture.js';
import {
  changePassword,
  codes,
  password,
  quiet,
  refresh,
  refused,
  requestReset,
  resetPassword,
  signIn,
} from './gateway-identity-operations.js';
import { createUser } from './gateway-users.js';

/** A mailer whose mails can be waited for. */
function memoryMailer() {
  const sent: { to: string; text: string }[] = [];
  const mailer: Mailer = { isConfigured: true, send: (mail) => Promise.resolve(void sent.push(mail)) };
  return { sent, mailer, tokens: () => sent.map(({ text }) => /#(\S+)/.exec(text)?.[1] ?? '') };
}

describe('a password', () => {
  it('that is changed ends the other sessions, and needs the old one', () =>
    withGateway(quiet, async ({ url, db, tenant }) => {
      const { email, accessToken: key, refreshToken } = await createUser(db, { password });
      const elsewhere = (await signIn({ url }, { email, password })).data?.signIn.refreshToken ?? '';
      const change = (currentPassword: string, newPassword: string, as = key) =>
        changePassword({ url, key: as }, { currentPassword, newPassword });
      const field = (name: string) => refused('BAD_USER_INPUT', { field: name });
      expect(await change('a wrong guess', 'a better password')).toMatchObject(field('currentPassword'));
      expect(await change(password, 'short')).toMatchObject(field('newPassword'));
      expect(await change(password, 'a better password', tenant.key)).toMatchObject(refused('FORBIDDEN'));
      expect((await change(password, 'a better password')).data).toEqual({ changePassword: true });
      expect(codes(await refresh({ url }, elsewhere))).toEqual(['UNAUTHENTICATED']);
      expect((await refresh({ url }, refreshToken)).errors).toBeUndefined();
      expect(codes(await signIn({ url }, { email, password }))).toEqual(['UNAUTHENTICATED']);
      expect((await signIn({ url }, { email, password: 'a better password' })).errors).toBeUndefined();
    }));

  it('that is forgotten is set anew by a link that works once, and ends all sessions', () => {
    const { mailer, sent, tokens } = memoryMailer();
    return withGateway({ ...quiet, mailer }, async ({ url, db }) => {
      const { email, refreshToken } = await createUser(db, { password });
      for (const address of [email, 'nobody@example.com', email]) {
        expect((await requestReset({ url }, address)).data).toEqual({ requestPasswordReset: true });
      }
      await eventually(() => Promise.resolve(sent.length === 2));
      expect(sent.map(({ to }) => to)).toEqual([email, email]);
      const [first = '', second = ''] = tokens();
      const reset = (token: string, to: string) => resetPassword({ url }, { token, password: to });
      const field = (name: string) => refused('BAD_USER_INPUT', { field: name });
      expect(await reset(`${first.slice(0, -8)}AAAAAAAA`, 'a better password')).toMatchObject(field('token'));
      expect(await reset(first, 'password123')).toMatchObject(field('password'));
      const both = await Promise.all([reset(first, 'a better password'), reset(second, 'a third password')]);
      expect(both.filter(({ data }) => data)).toHaveLength(1);
      for (const token of [first, second]) {
        expect(await reset(token, 'a fourth password')).toMatchObject(field('token'));
      }
      expect(codes(await refresh({ url }, refreshToken))).toEqual(['UNAUTHENTICATED']);
      expect(codes(await signIn({ url }, { email, password }))).toEqual(['UNAUTHENTICATED']);
    });
  });

  it('is not set anew where no mail can be sent, whoever asks', () =>
    withGateway(quiet, async ({ url, db }) => {
      const { email } = await createUser(db, { password });
      for (const address of [email, 'nobody@example.com']) {
        expect(await requestReset({ url }, address)).toMatchObject(refused('UNAVAILABLE'));
      }
    }));

  it('sends few mails to one address, and tells nobody whether it has an account', () => {
    const { mailer, sent } = memoryMailer();
    return withGateway({ ...quiet, mailer }, async ({ url, db }) => {
      const { email } = await createUser(db, { password });
      for (const address of [email, 'nobody@example.com']) {
        for (let time = 0; time < 3; time += 1) await requestReset({ url }, address);
        expect(await requestReset({ url }, address)).toMatchObject(refused('RATE_LIMITED'));
      }
      await eventually(() => Promise.resolve(sent.length === 3));
    });
  });
});
