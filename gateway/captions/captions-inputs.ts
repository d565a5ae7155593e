import { Length } from 'class-validator';
import { ArgsType, Field, ID, InputType } from 'type-graphql';
import { CaptionsKind } from '../../schema/captions.js';

const MAX_LANGUAGE_LENGTH = 35;
const LANGUAGE = `BCP 47, such as "en" or "pt-BR"; 2–${MAX_LANGUAGE_LENGTH} characters.`;

@InputType({ description: 'What captions are, and of which video.' })
export class AddCaptionsInput {
  @Field(() => ID)
  videoId!: string;

  @Field(() => String, { description: LANGUAGE })
  @Length(2, MAX_LANGUAGE_LENGTH)
  language!: string;

  @Field(() => String, {
    nullable: true,
    description: 'As players show it, 1–255 characters; the name of the language where absent.',
  })
  @Length(1, 255)
  label?: string | null;

  @Field(() => CaptionsKind, { nullable: true, defaultValue: CaptionsKind.SUBTITLES })
  kind?: CaptionsKind | null;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: 'Whether players show them without being asked; at most one language of a video is so.',
  })
  isDefault?: boolean | null;
}

@ArgsType()
export class RemoveCaptionsArgs {
  @Field(() => ID)
  videoId!: string;

  @Field(() => String, { description: LANGUAGE })
  @Length(2, MAX_LANGUAGE_LENGTH)
  language!: string;
}
