import { ArgsType, Field, ID } from 'type-graphql';
import { Role } from '../../schema/permissions.js';

/** One member of one organization. */
@ArgsType()
export class MemberArgs {
  @Field(() => ID)
  organizationId!: string;

  @Field(() => ID)
  userId!: string;
}

@ArgsType()
export class SetMemberRoleArgs extends MemberArgs {
  @Field(() => Role)
  role!: Role;
}
