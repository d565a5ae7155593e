import { Length } from 'class-validator';
import { Field, InputType } from 'type-graphql';
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from './password-rules.js';

const MAX_NAME = 100;
const MAX_EMAIL = 254;
const MAX_TOKEN = 4_096;
/** A guess may be longer than a password: it is wrong then. */
const MAX_GUESS = 1_000;

const newPassword = {
  description:
    `${MIN_PASSWORD_LENGTH}–${MAX_PASSWORD_LENGTH} characters, of any kind; not the address, not the name, ` +
    'and none that many people have.',
};

@InputType()
export class SignUpInput {
  @Field(() => String)
  @Length(1, MAX_EMAIL)
  email!: string;

  @Field(() => String, newPassword)
  @Length(1, MAX_GUESS)
  password!: string;

  @Field(() => String, { description: `1–${MAX_NAME} characters.` })
  @Length(1, MAX_NAME)
  name!: string;

  @Field(() => String, {
    nullable: true,
    description: `What to call the new organization of who was not invited: 1–${MAX_NAME} characters.`,
  })
  @Length(1, MAX_NAME)
  organizationName?: string | null;

  @Field(() => String, { nullable: true, description: 'The token of an invitation.' })
  @Length(1, MAX_TOKEN)
  invitation?: string | null;
}

@InputType()
export class SignInInput {
  @Field(() => String)
  @Length(1, MAX_EMAIL)
  email!: string;

  @Field(() => String)
  @Length(1, MAX_GUESS)
  password!: string;
}

@InputType()
export class ChangePasswordInput {
  @Field(() => String)
  @Length(1, MAX_GUESS)
  currentPassword!: string;

  @Field(() => String, newPassword)
  @Length(1, MAX_GUESS)
  newPassword!: string;
}

@InputType()
export class ResetPasswordInput {
  @Field(() => String, { description: 'What stands behind # in the link that was sent.' })
  @Length(1, MAX_TOKEN)
  token!: string;

  @Field(() => String, newPassword)
  @Length(1, MAX_GUESS)
  password!: string;
}
