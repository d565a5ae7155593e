import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ObjectType } from 'type-graphql';
import { User } from '../../schema/user.js';
import type { SignedIn } from './signed-in.js';

@ObjectType('Session', { description: 'A user who is signed in, and what they act with.' })
export class SessionAnswer {
  @Field(() => String, { description: 'Goes with each request: `Authorization: Bearer <accessToken>`.' })
  accessToken!: string;

  @Field(() => String, {
    description:
      'For refreshSession, once: each answer brings the next one. Good for 30 days; used twice, it ends the ' +
      'session.',
  })
  refreshToken!: string;

  @Field(() => GraphQLDateTime, { description: 'Of the access token: a quarter of an hour from now.' })
  expiresAt!: Date;

  @Field(() => User)
  user!: User;
}

export const sessionAnswer = ({ user, tokens }: SignedIn): SessionAnswer => ({ ...tokens, user });
