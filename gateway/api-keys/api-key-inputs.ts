import { ArrayMaxSize, ArrayNotEmpty, ArrayUnique, IsIn, Length, Max, Min } from 'class-validator';
import { GraphQLDateTime } from 'graphql-scalars';
import { ArgsType, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { ApiKey } from '../../schema/api-key.js';
import { type Permission, projectScopes } from '../../schema/permissions.js';

const MAX_RESTRICTIONS = 50;
const DAY_SECONDS = 86_400;
const MAX_OVERLAP_SECONDS = 30 * DAY_SECONDS;

@InputType({ description: 'A key to be made for a project.' })
export class CreateApiKeyInput {
  @Field(() => ID)
  projectId!: string;

  @Field(() => String, { description: 'For people to tell keys apart: 1–255 characters.' })
  @Length(1, 255)
  name!: string;

  @Field(() => [String], { description: `What it shall allow, of: ${projectScopes.join(', ')}.` })
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsIn(projectScopes, { each: true })
  scopes!: Permission[];

  @Field(() => GraphQLDateTime, { nullable: true, description: 'In the future; never where absent.' })
  expiresAt?: Date | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'Addresses and ranges of them (192.0.2.0/24, 2001:db8::/32) it may be used from, at most ' +
      `${MAX_RESTRICTIONS}; from anywhere where absent or empty.`,
  })
  @ArrayMaxSize(MAX_RESTRICTIONS)
  cidrs?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'Origins (https://app.example.com) of the pages it may be used by, at most ' +
      `${MAX_RESTRICTIONS}: requests need the header Origin then. By anything where absent or empty.`,
  })
  @ArrayMaxSize(MAX_RESTRICTIONS)
  origins?: string[] | null;
}

@ArgsType()
export class RotateApiKeyArgs {
  @Field(() => ID)
  id!: string;

  @Field(() => Int, {
    nullable: true,
    defaultValue: DAY_SECONDS,
    description: `Seconds the old key still works, 0–${MAX_OVERLAP_SECONDS}.`,
  })
  @Min(0)
  @Max(MAX_OVERLAP_SECONDS)
  oldExpiresInSeconds?: number | null;
}

/** What is used where a client sends null. */
export const DEFAULT_OVERLAP_SECONDS = DAY_SECONDS;

@ObjectType({ description: 'A key that was just made.' })
export class IssuedApiKey {
  @Field(() => ApiKey)
  apiKey!: ApiKey;

  @Field(() => String, { description: 'The credential itself. It is not told again.' })
  secret!: string;
}
