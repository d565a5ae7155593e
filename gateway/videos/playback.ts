import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ObjectType } from 'type-graphql';

@ObjectType({ description: 'Signed URLs; whoever has one may watch until it expires.' })
export class Playback {
  @Field(() => String, { description: 'The HLS master playlist.' })
  url!: string;

  @Field(() => String, { nullable: true, description: 'A still image; null until there is one.' })
  posterUrl?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'WebVTT with thumbnails along the time line; null until there is one.',
  })
  storyboardUrl?: string | null;

  @Field(() => GraphQLDateTime)
  expiresAt!: Date;
}
