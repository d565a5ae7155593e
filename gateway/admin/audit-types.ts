import { Length, ValidateNested } from 'class-validator';
import { ArgsType, Field, ID, InputType, ObjectType } from 'type-graphql';
import { AuditEntry } from '../../schema/audit-entry.js';
import { PageArgs, PageInfo } from '../paging/page.js';

@InputType({ description: 'Which acts to list; what is left out does not matter.' })
export class AuditFilter {
  @Field(() => ID, { nullable: true, description: 'Id of what was acted on; 1–100 characters.' })
  @Length(1, 100)
  target?: string | null;

  @Field(() => String, { nullable: true, description: 'Name of the operation; 1–100 characters.' })
  @Length(1, 100)
  action?: string | null;
}

@ArgsType()
export class AuditArgs extends PageArgs {
  @Field(() => ID, {
    nullable: true,
    description: 'Acts that concern this organization; who is not an administrator has to say which.',
  })
  organizationId?: string | null;

  @Field(() => AuditFilter, { nullable: true })
  @ValidateNested()
  filter?: AuditFilter | null;
}

@ObjectType()
export class AuditEdge {
  @Field(() => String)
  cursor!: string;

  @Field(() => AuditEntry)
  node!: AuditEntry;
}

@ObjectType({ description: 'One page of privileged acts, the newest first.' })
export class AuditConnection {
  @Field(() => [AuditEdge])
  edges!: AuditEdge[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;
}
