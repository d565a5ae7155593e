import { Max, Min } from 'class-validator';
import { ArgsType, Field, Int, ObjectType } from 'type-graphql';
import { decodeCursor, encodeCursor, type Position } from './cursor.js';

export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 100;

/** Arguments of every Relay connection that is read forwards. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, {
    nullable: true,
    defaultValue: DEFAULT_PAGE_SIZE,
    description: `Rows in this page, 1–${MAX_PAGE_SIZE}.`,
  })
  @Min(1)
  @Max(MAX_PAGE_SIZE)
  first?: number | null;

  @Field(() => String, {
    nullable: true,
    description: 'The endCursor of the page before, in the same order.',
  })
  after?: string | null;
}

@ObjectType({
  description: 'Where a page lies in its list, as in the Relay cursor connections specification.',
})
export class PageInfo {
  @Field(() => Boolean)
  hasNextPage!: boolean;

  @Field(() => Boolean)
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true })
  startCursor?: string | null;

  @Field(() => String, { nullable: true })
  endCursor?: string | null;
}

export interface Page<T> {
  edges: { cursor: string; node: T }[];
  pageInfo: PageInfo;
}

/** How many rows to read to know whether another page follows. */
export const rowsToRead = ({ first }: PageArgs): number => (first ?? DEFAULT_PAGE_SIZE) + 1;

/** The place to go on from; undefined on the first page. */
export const startOf = ({ after }: PageArgs, order: string): Position | undefined =>
  after == null ? undefined : decodeCursor(after, order);

/** A connection from the rows that `rowsToRead` asked for. */
export function pageOf<T>(rows: readonly T[], args: PageArgs, position: (row: T) => Position): Page<T> {
  const size = args.first ?? DEFAULT_PAGE_SIZE;
  const edges = rows.slice(0, size).map((node) => ({ node, cursor: encodeCursor(position(node)) }));
  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length > size,
      hasPreviousPage: args.after != null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
