import { Field, ObjectType } from 'type-graphql';
import { Video } from '../../schema/video.js';
import { PageInfo } from '../paging/page.js';

@ObjectType()
export class VideoEdge {
  @Field(() => String)
  cursor!: string;

  @Field(() => Video)
  node!: Video;
}

@ObjectType({ description: 'One page of videos.' })
export class VideoConnection {
  @Field(() => [VideoEdge])
  edges!: VideoEdge[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;
}
