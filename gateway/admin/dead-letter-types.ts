import { Length, ValidateNested } from 'class-validator';
import { ArgsType, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { DeadLetter, DeadLetterState } from '../../schema/dead-letter.js';
import { PageArgs, PageInfo } from '../paging/page.js';

@InputType({ description: 'Which dead letters; what is left out does not matter.' })
export class DeadLetterFilter {
  @Field(() => DeadLetterState, {
    nullable: true,
    defaultValue: DeadLetterState.OPEN,
    description: 'Null for all.',
  })
  state?: DeadLetterState | null;

  @Field(() => String, { nullable: true, description: '1–100 characters.' })
  @Length(1, 100)
  code?: string | null;

  @Field(() => ID, { nullable: true, description: '1–100 characters.' })
  @Length(1, 100)
  videoId?: string | null;
}

@ArgsType()
export class DeadLettersArgs extends PageArgs {
  @Field(() => DeadLetterFilter, { nullable: true, description: 'Those that are OPEN where absent.' })
  @ValidateNested()
  filter?: DeadLetterFilter | null;
}

@ArgsType()
export class ReplayDeadLettersArgs {
  @Field(() => DeadLetterFilter, { nullable: true, description: 'All that are OPEN where absent.' })
  @ValidateNested()
  filter?: DeadLetterFilter | null;

  @Field(() => String, { nullable: true, description: 'The endCursor of the call before.' })
  after?: string | null;
}

@ObjectType()
export class DeadLetterEdge {
  @Field(() => String)
  cursor!: string;

  @Field(() => DeadLetter)
  node!: DeadLetter;
}

@ObjectType({ description: 'One page of dead letters, the newest first.' })
export class DeadLetterConnection {
  @Field(() => [DeadLetterEdge])
  edges!: DeadLetterEdge[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;
}

@ObjectType({ description: 'A dead letter that was not replayed, and why.' })
export class ReplayRefusal {
  @Field(() => ID)
  id!: string;

  @Field(() => ID)
  videoId!: string;

  @Field(() => String, { description: 'Code of the error, as replayDeadLetter would answer it.' })
  code!: string;

  @Field(() => String)
  message!: string;
}

@ObjectType({ description: 'What became of the dead letters of a filter.' })
export class ReplayedDeadLetters {
  @Field(() => Int)
  replayed!: number;

  @Field(() => Int)
  notReplayed!: number;

  @Field(() => [ReplayRefusal], { description: 'One for each that was not replayed.' })
  refusals!: ReplayRefusal[];

  @Field(() => String, { nullable: true, description: 'To go on from; null where no more letters are left.' })
  endCursor!: string | null;
}
