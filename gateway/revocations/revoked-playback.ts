import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ObjectType } from 'type-graphql';

@ObjectType({ description: 'What may not be played any more.' })
export class RevokedPlayback {
  @Field(() => GraphQLDateTime)
  revokedAt!: Date;

  @Field(() => Boolean, {
    description:
      'True: it holds on every streamer within 5 seconds. False: streamers hear of it as soon as Kafka can be reached.',
  })
  announced!: boolean;
}
