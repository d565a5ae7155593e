import { Field, ObjectType } from 'type-graphql';
import { Project } from '../../schema/project.js';
import { PageInfo } from '../paging/page.js';

@ObjectType()
export class ProjectEdge {
  @Field(() => String)
  cursor!: string;

  @Field(() => Project)
  node!: Project;
}

@ObjectType({ description: 'One page of projects, the newest first.' })
export class ProjectConnection {
  @Field(() => [ProjectEdge])
  edges!: ProjectEdge[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;
}
