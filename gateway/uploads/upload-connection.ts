import { Field, ObjectType } from 'type-graphql';
import { UploadEntry } from '../../schema/upload-entry.js';
import { PageInfo } from '../paging/page.js';

@ObjectType()
export class UploadEdge {
  @Field(() => String)
  cursor!: string;

  @Field(() => UploadEntry)
  node!: UploadEntry;
}

@ObjectType({ description: 'One page of uploads, the newest first.' })
export class UploadConnection {
  @Field(() => [UploadEdge])
  edges!: UploadEdge[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;
}
