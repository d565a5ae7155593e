import type { Mail } from '../../gateway/identity/mailer.js';
import type { Role } from '../../schema/permissions.js';
import { type GatewayFixture, withGateway } from './gateway-fixture.js';
import { createUser, type TestUserOptions } from './gateway-users.js';

/** Somebody who is signed in. */
export interface Person {
  id: string;
  email: string;
  /** Their credential. */
  key: string;
}

export interface PeopleFixture extends GatewayFixture {
  /** What was mailed. */
  mails: Mail[];
  /** Somebody new, with a part in each of these organizations. */
  person(roles?: Record<string, Role>, options?: Omit<TestUserOptions, 'roles'>): Promise<Person>;
}

/** Runs `work` on a gateway with people. */
export async function withPeople(
  options: { sendsMail?: boolean },
  work: (fixture: PeopleFixture) => Promise<void>,
): Promise<void> {
  const mails: Mail[] = [];
  const mailer = {
    isConfigured: options.sendsMail ?? false,
    send: (mail: Mail) => Promise.resolve(void mails.push(mail)),
    close: () => undefined,
  };
  await withGateway({ kafka: 'silent', mailer }, (fixture) =>
    work({
      ...fixture,
      mails,
      async person(roles, options) {
        const { userId: id, email, accessToken: key } = await createUser(fixture.db, { ...options, roles });
        return { id, email, key };
      },
    }),
  );
}
