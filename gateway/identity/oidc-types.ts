import { Field, ObjectType } from 'type-graphql';

@ObjectType({ description: 'An outside provider that people may sign in with.' })
export class OutsideSignIn {
  @Field(() => String, { description: 'What people know it by.' })
  name!: string;

  @Field(() => String, {
    description:
      'Where to send the browser, with redirectTo in the query: a URL of the application that it comes back ' +
      'to, with code, or with error and one of our codes, in its query. What redirectTo has in its own query ' +
      'comes back too: a state there that only this browser knows keeps others from signing it in as somebody ' +
      'else.',
  })
  startUrl!: string;
}
