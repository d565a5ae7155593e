import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { Organization } from '../../schema/organization.js';
import { Project } from '../../schema/project.js';

export const ViewerKind = { API_KEY: 'API_KEY', USER: 'USER' } as const;
export type ViewerKind = (typeof ViewerKind)[keyof typeof ViewerKind];

registerEnumType(ViewerKind, { name: 'ViewerKind', description: 'What kind of credential is asking.' });

@ObjectType({ description: 'Who is asking.' })
export class Viewer {
  @Field(() => ViewerKind)
  kind!: ViewerKind;

  @Field(() => Organization, {
    nullable: true,
    description: 'The only one there is for the caller; null for a key of the installation.',
  })
  organization?: Organization | null;

  @Field(() => Project, { nullable: true, description: 'The one project of a project key.' })
  project?: Project | null;

  @Field(() => [String], { description: 'What the credential allows: admin, project:read, video:read, …' })
  scopes!: string[];

  @Field(() => [String], { description: 'SUPER_ADMIN for the scope admin.' })
  roles!: string[];
}
