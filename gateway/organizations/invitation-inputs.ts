import { Length } from 'class-validator';
import { ArgsType, Field, ID, ObjectType } from 'type-graphql';
import { Invitation } from '../../schema/invitation.js';
import { Role } from '../../schema/permissions.js';

@ArgsType()
export class InviteMemberArgs {
  @Field(() => ID)
  organizationId!: string;

  @Field(() => String, { description: 'At most 254 characters.' })
  @Length(1, 254)
  email!: string;

  @Field(() => Role)
  role!: Role;
}

@ArgsType()
export class AcceptInvitationArgs {
  @Field(() => String, { description: 'From the link.' })
  @Length(1, 4_096)
  token!: string;
}

/** An invitation on its way. */
@ObjectType('SentInvitation', { description: 'An invitation on its way.' })
export class SentInvitationType {
  @Field(() => Invitation)
  invitation!: Invitation;

  @Field(() => String, {
    nullable: true,
    description:
      'To be handed to whom it is for, where this installation sends no mail; null: it was mailed.',
  })
  link!: string | null;
}
