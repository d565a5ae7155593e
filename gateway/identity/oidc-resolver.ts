import { Arg, Mutation, Query, Resolver } from 'type-graphql';
import { AppError } from '../../schema/errors.js';
import type { User } from '../../schema/user.js';
import { OutsideSignIn } from './oidc-types.js';
import { SessionAnswer, sessionAnswer } from './session-type.js';
import type { Sessions } from './sessions.js';
import type { SignInCodes } from './sign-in-codes.js';

export interface OidcResolverDeps {
  shown: OutsideSignIn;
  codes: Pick<SignInCodes, 'redeem'>;
  users: { findById(id: string): Promise<User | undefined> };
  sessions: Pick<Sessions, 'open'>;
}

/** Sign-in with an outside provider, as applications see it. */
@Resolver()
export class OidcResolver {
  constructor(private readonly deps: { outside?: OidcResolverDeps }) {}

  @Query(() => OutsideSignIn, {
    nullable: true,
    description: 'The outside provider that people may sign in with; null where there is none.',
  })
  outsideSignIn(): OutsideSignIn | null {
    return this.deps.outside?.shown ?? null;
  }

  @Mutation(() => SessionAnswer, {
    description:
      'A session for the code that a sign-in with an outside provider has ended with: good once, within a ' +
      'minute. Errors: BAD_USER_INPUT (code).',
  })
  async exchangeSignInCode(@Arg('code', () => String) code: string): Promise<SessionAnswer> {
    const { outside } = this.deps;
    const userId = await outside?.codes.redeem(code);
    const user = userId === undefined ? undefined : await outside?.users.findById(userId);
    if (!outside || !user)
      throw new AppError('BAD_USER_INPUT', { field: 'code', message: 'The code is not good any more.' });
    return sessionAnswer({ user, tokens: await outside.sessions.open(user._id) });
  }
}
