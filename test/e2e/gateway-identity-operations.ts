import { ask, type GraphqlAnswer, type Sender } from './gateway-client.js';

export const password = 'correct horse battery';
export const ada = { email: 'ada@example.com', password, name: 'Ada' };
export const quiet = { kafka: 'silent' } as const;
/** For what takes effect after a few seconds only. */
export const SLOW_MS = 20_000;

export interface SignedIn {
  accessToken: string;
  refreshToken: string;
  expiresAt: string;
  user: { id: string; email: string; name: string };
}

const session = '{ accessToken refreshToken expiresAt user { id email name } }';
export const signUp = (sender: Sender, input: Record<string, unknown>) =>
  ask<{ signUp: SignedIn }>(sender, `mutation ($input: SignUpInput!) { signUp(input: $input) ${session} }`, {
    input,
  });
export const signIn = (sender: Sender, input: Record<string, unknown>) =>
  ask<{ signIn: SignedIn }>(sender, `mutation ($input: SignInInput!) { signIn(input: $input) ${session} }`, {
    input,
  });
export const refresh = (sender: Sender, refreshToken: string) =>
  ask<{ refreshSession: SignedIn }>(
    sender,
    `mutation ($token: String!) { refreshSession(refreshToken: $token) ${session} }`,
    { token: refreshToken },
  );
export const changePassword = (sender: Sender, input: Record<string, unknown>) =>
  ask(sender, 'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) }', { input });
export const requestReset = (sender: Sender, email: string) =>
  ask(sender, 'mutation ($email: String!) { requestPasswordReset(email: $email) }', { email });
export const resetPassword = (sender: Sender, input: Record<string, unknown>) =>
  ask(sender, 'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) }', { input });
export const viewer = (sender: Sender) => ask(sender, '{ viewer { kind organization { id } scopes roles } }');
export const signOut = (sender: Sender) => ask(sender, 'mutation { signOut }');

export const codes = ({ errors }: GraphqlAnswer<unknown>) => errors?.map(({ extensions }) => extensions.code);
export const refused = (code: string, details: object = {}) => ({
  errors: [{ extensions: { code, ...details } }],
});
