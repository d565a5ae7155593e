import { Length } from 'class-validator';
import { ArgsType, Field, ID } from 'type-graphql';

/** The name of an organization, as its users give it. */
@ArgsType()
export class CreateOrganizationArgs {
  @Field(() => String, { description: '1–255 characters.' })
  @Length(1, 255)
  name!: string;
}

@ArgsType()
export class UpdateOrganizationArgs extends CreateOrganizationArgs {
  @Field(() => ID)
  id!: string;
}
