import { Length } from 'class-validator';
import { ArgsType, Field, ID } from 'type-graphql';

@ArgsType()
export class CreateProjectArgs {
  @Field(() => ID)
  organizationId!: string;

  @Field(() => String, { description: '1–255 characters.' })
  @Length(1, 255)
  name!: string;
}

@ArgsType()
export class UpdateProjectArgs {
  @Field(() => ID)
  id!: string;

  @Field(() => String, { description: '1–255 characters.' })
  @Length(1, 255)
  name!: string;
}
