import { IsIn, Length, Min } from 'class-validator';
import { GraphQLDateTime, GraphQLSafeInt } from 'graphql-scalars';
import { Field, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { Video } from '../../../schema/video.js';
import { NewVideoInput } from '../new-video-input.js';

export const TicketMethod = { TUS: 'TUS', BLOB: 'BLOB' } as const;
export type TicketMethod = (typeof TicketMethod)[keyof typeof TicketMethod];

registerEnumType(TicketMethod, {
  name: 'TicketMethod',
  description:
    'TUS: in pieces that can be resumed (tus 1.0), through this server. BLOB: one or more writes straight into blob ' +
    'storage, then completeUpload.',
});

@InputType({ description: 'A file that is to be uploaded in more than one request.' })
export class CreateUploadInput extends NewVideoInput {
  @Field(() => String, { nullable: true, description: 'As it is shown: 1–255 characters.' })
  @Length(1, 255)
  filename?: string | null;

  @Field(() => GraphQLSafeInt, { nullable: true, description: 'Bytes; absent where not known yet.' })
  @Min(1)
  sizeBytes?: number | null;

  @Field(() => TicketMethod, { nullable: true, defaultValue: TicketMethod.TUS })
  @IsIn(Object.values(TicketMethod))
  method?: TicketMethod | null;
}

@ObjectType({ description: 'A header that each request to the URL has to have.' })
export class UploadHeader {
  @Field(() => String)
  name!: string;

  @Field(() => String)
  value!: string;
}

@ObjectType({
  description: 'Where to upload a file to. Whoever has the URL can do so, without a credential.',
})
export class UploadTicket {
  @Field(() => Video, { description: 'WAITING for its source.' })
  video!: Video;

  @Field(() => TicketMethod)
  method!: TicketMethod;

  @Field(() => String, {
    description: 'TUS: to go on with by HEAD, PATCH and DELETE. BLOB: to write one block blob to.',
  })
  uploadUrl!: string;

  @Field(() => GraphQLDateTime, {
    description: 'TUS: pushed back to 24 hours from then whenever bytes arrive. BLOB: the URL ends.',
  })
  expiresAt!: Date;

  @Field(() => [UploadHeader])
  headers!: UploadHeader[];
}
