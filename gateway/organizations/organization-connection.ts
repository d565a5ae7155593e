import { Field, ObjectType } from 'type-graphql';
import { Organization } from '../../schema/organization.js';
import { PageInfo } from '../paging/page.js';

@ObjectType()
export class OrganizationEdge {
  @Field(() => String)
  cursor!: string;

  @Field(() => Organization)
  node!: Organization;
}

@ObjectType({ description: 'One page of organizations, the newest first.' })
export class OrganizationConnection {
  @Field(() => [OrganizationEdge])
  edges!: OrganizationEdge[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;
}
