import { Max, Min } from 'class-validator';
import { GraphQLSafeInt } from 'graphql-scalars';
import { Field, Float, InputType, Int, ObjectType } from 'type-graphql';
import type { OrganizationLimits } from '../../schema/organization.js';
import type { Usage } from '../../platform/quota/quota.js';

@ObjectType({ description: 'What an organization uses of what may be limited.' })
export class OrganizationUsage implements Usage {
  @Field(() => GraphQLSafeInt, { description: 'Bytes of the source files that are stored.' })
  storedBytes!: number;

  @Field(() => Float, {
    description: 'Minutes of the videos received in this calendar month, UTC; each counts once it is probed.',
  })
  minutesThisMonth!: number;

  @Field(() => Int, { description: 'Uploads that are being received.' })
  uploadsNow!: number;
}

const MAX_INT = 2 ** 31 - 1;

@InputType({ description: 'All limits of an organization: what is left out or null is without one.' })
export class OrganizationLimitsInput implements OrganizationLimits {
  @Field(() => GraphQLSafeInt, { nullable: true, description: 'As in OrganizationLimits, from 0.' })
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  storedBytes?: number;

  @Field(() => Float, { nullable: true, description: 'As in OrganizationLimits, from 0.' })
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  minutesPerMonth?: number;

  @Field(() => Int, { nullable: true, description: 'As in OrganizationLimits, from 0.' })
  @Min(0)
  @Max(MAX_INT)
  simultaneousUploads?: number;

  @Field(() => Int, { nullable: true, description: 'As in OrganizationLimits, from 0.' })
  @Min(0)
  @Max(MAX_INT)
  subscriptions?: number;

  @Field(() => Int, { nullable: true, description: 'As in OrganizationLimits, from 1.' })
  @Min(1)
  @Max(MAX_INT)
  requestsPerSecond?: number;
}
