import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ObjectType } from 'type-graphql';

@ObjectType({ description: 'Whether work is given out at all.' })
export class ProcessingControl {
  @Field(() => Boolean)
  paused!: boolean;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'Null where it was never paused.' })
  changedAt!: Date | null;
}
