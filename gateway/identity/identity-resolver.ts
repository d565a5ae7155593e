import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { GatewayContext } from '../context.js';
import { ChangePasswordInput, ResetPasswordInput, SignInInput, SignUpInput } from './identity-inputs.js';
import type { PasswordService } from './password-service.js';
import { SessionAnswer, sessionAnswer } from './session-type.js';
import type { SignInService } from './sign-in-service.js';
import type { SignUpService } from './sign-up-service.js';

/** Accounts of users, and how they sign in. */
@Resolver()
export class IdentityResolver {
  constructor(
    private readonly deps: { signUps: SignUpService; signIns: SignInService; passwords: PasswordService },
  ) {}

  @Mutation(() => SessionAnswer, {
    description:
      'Makes an account and signs in. The first user of an installation is its super admin; after that an ' +
      'invitation is needed, unless the installation is open to everybody. Errors: BAD_USER_INPUT (email, ' +
      'password, name), FORBIDDEN without an invitation, BAD_USER_INPUT (token) for one that is not ' +
      'good, ' +
      'CONFLICT where the address has an account, RATE_LIMITED.',
  })
  async signUp(
    @Arg('input', () => SignUpInput) input: SignUpInput,
    @Ctx() context: GatewayContext,
  ): Promise<SessionAnswer> {
    return sessionAnswer(await this.deps.signUps.signUp(input, context));
  }

  @Mutation(() => SessionAnswer, {
    description:
      'Errors: UNAUTHENTICATED where there is no such account or the password is wrong, which look the same; ' +
      'BAD_USER_INPUT (email); RATE_LIMITED, by account and by address.',
  })
  async signIn(
    @Arg('input', () => SignInInput) input: SignInInput,
    @Ctx() context: GatewayContext,
  ): Promise<SessionAnswer> {
    return sessionAnswer(await this.deps.signIns.signIn(input, context));
  }

  @Mutation(() => SessionAnswer, {
    description:
      'Exchanges a refresh token for new tokens; to be sent without an access token that has expired. A refresh ' +
      'token that was used before ends the session for whoever has it. Errors: UNAUTHENTICATED.',
  })
  async refreshSession(
    @Arg('refreshToken', () => String) refreshToken: string,
    @Ctx() context: GatewayContext,
  ): Promise<SessionAnswer> {
    return sessionAnswer(await this.deps.signIns.refresh(refreshToken, context));
  }

  @Mutation(() => Boolean, {
    description:
      'Ends the session of the access token: it is refused everywhere within 5 s. Errors: FORBIDDEN for a key.',
  })
  async signOut(@Ctx() context: GatewayContext): Promise<boolean> {
    await this.deps.signIns.signOut(context);
    return true;
  }

  @Mutation(() => Boolean, {
    description:
      "Ends the user's other sessions. Errors: BAD_USER_INPUT (currentPassword, newPassword), FORBIDDEN for a " +
      'key, RATE_LIMITED.',
  })
  async changePassword(
    @Arg('input', () => ChangePasswordInput) input: ChangePasswordInput,
    @Ctx() context: GatewayContext,
  ): Promise<boolean> {
    await this.deps.passwords.change(input, context);
    return true;
  }

  @Mutation(() => Boolean, {
    description:
      'Sends a link for a new password, if the address has an account: the answer is true in any case. Errors: ' +
      'UNAVAILABLE where the installation sends no mail, BAD_USER_INPUT (email), RATE_LIMITED.',
  })
  async requestPasswordReset(
    @Arg('email', () => String) email: string,
    @Ctx() context: GatewayContext,
  ): Promise<boolean> {
    await this.deps.passwords.requestReset(email, context);
    return true;
  }

  @Mutation(() => Boolean, {
    description:
      'Sets the password of the user whom a link was sent to, and ends all their sessions. A link works once, ' +
      'for an hour. Errors: BAD_USER_INPUT (token, password).',
  })
  async resetPassword(
    @Arg('input', () => ResetPasswordInput) input: ResetPasswordInput,
    @Ctx() context: GatewayContext,
  ): Promise<boolean> {
    await this.deps.passwords.reset(input, context);
    return true;
  }
}
