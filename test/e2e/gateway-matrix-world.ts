import { isDeepStrictEqual } from 'node:util';
import { Kind, type OperationDefinitionNode, parse } from 'graphql';
import type { Database } from '../../platform/mongo.js';
import { AuditEntry } from '../../schema/audit-entry.js';
import {
  ask,
  askOverSocket,
  askWithFile,
  connect,
  type Sender,
  type SocketAnswer,
} from './gateway-client.js';
import { createTenant, type GatewayFixture } from './gateway-fixture.js';
import { type MatrixRole, matrixRoles, type MatrixRow } from './gateway-matrix-row.js';
import {
  createCaller,
  createSibling,
  type MatrixCaller,
  type MatrixPlace,
  thingsOf,
} from './gateway-matrix-things.js';

/** What somebody is answered; with a status over HTTP. */
export type MatrixAnswer = SocketAnswer<Record<string, unknown>> & { status?: number };

export type MatrixAnswers = ReadonlyMap<MatrixRole, MatrixAnswer>;

/** Whom the matrix asks as, and about what. */
export interface MatrixWorld {
  /** Where everybody is at home, another project of that organization, and one of another organization. */
  places: Readonly<Record<'own' | 'sibling' | 'foreign', MatrixPlace>>;
  callers: readonly MatrixCaller[];
  /** What all of these are answered by the operation of a row, each about things of its own: in a place, or missing. */
  ask(row: MatrixRow, callers: readonly MatrixCaller[], place?: MatrixPlace): Promise<MatrixAnswers>;
  /** The same, and whether anything of the organization of that place is not as it was. */
  askAndLook(
    row: MatrixRow,
    callers: readonly MatrixCaller[],
    place: MatrixPlace,
  ): Promise<{ answers: MatrixAnswers; isChanged: boolean }>;
}

type Variables = Readonly<Record<string, string>>;

/** One question: who asks, and for what. */
interface Question {
  caller: MatrixCaller;
  variables: Variables;
}

/** What a connection without a credential is closed with. */
const NO_CREDENTIAL = 4403;

export async function createWorld(fixture: GatewayFixture): Promise<MatrixWorld> {
  const { db, url } = fixture;
  const own = placeOf(fixture.tenant);
  const foreign = placeOf(await createTenant(db));
  const places = { own, sibling: await createSibling(fixture, own), foreign };
  const things = thingsOf(fixture);

  /** Makes what the document names. */
  async function question(row: MatrixRow, base: MatrixCaller, place?: MatrixPlace): Promise<Question> {
    const caller = row.spendsCaller ? await createCaller(fixture, base.role, own) : base;
    const made = variablesOf(row).map(async (name) => {
      const make = (place ? things.present : things.missing)[name];
      if (!make) throw new Error(`no thing is called ${name}`);
      return [name, await make({ place: place ?? own, caller, home: own })] as const;
    });
    return { caller, variables: Object.fromEntries(await Promise.all(made)) };
  }

  const questions = (row: MatrixRow, callers: readonly MatrixCaller[], place?: MatrixPlace) =>
    Promise.all(callers.map((caller) => question(row, caller, place)));

  async function answersTo(row: MatrixRow, asked: readonly Question[]): Promise<MatrixAnswers> {
    return new Map(
      await Promise.all(asked.map(async (one) => [one.caller.role, await answerTo(url, row, one)] as const)),
    );
  }

  return {
    places,
    callers: await Promise.all(matrixRoles.map((role) => createCaller(fixture, role, own))),
    ask: async (row, callers, place) => answersTo(row, await questions(row, callers, place)),

    async askAndLook(row, callers, place) {
      const asked = await questions(row, callers, place);
      const ids = asked.flatMap(({ variables }) => Object.values(variables));
      const before = await stored(db, place, ids);
      const answers = await answersTo(row, asked);
      return { answers, isChanged: !isDeepStrictEqual(await stored(db, place, ids), before) };
    },
  };
}

const placeOf = ({ organizationId, projectId }: MatrixPlace): MatrixPlace => ({ organizationId, projectId });

/** The one operation of the document of a row. */
export function definitionIn({ document }: MatrixRow): OperationDefinitionNode {
  const [definition] = parse(document).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`no operation: ${document}`);
  return definition;
}

const variablesOf = (row: MatrixRow): string[] =>
  (definitionIn(row).variableDefinitions ?? [])
    .map(({ variable }) => variable.name.value)
    .filter((name) => name !== 'file');

/** Everything of an organization, and what has one of these ids; not when keys were used and what was tried. */
async function stored(
  db: Database,
  { organizationId }: MatrixPlace,
  ids: readonly string[],
): Promise<unknown[]> {
  const { connection } = db;
  const tried = db.model(AuditEntry).collection.name;
  const names = (await connection.listCollections()).map(({ name }) => name).filter((name) => name !== tried);
  const $match = { $or: [{ organizationId }, { _id: { $in: [organizationId, ...ids] } }] };
  const ofThat = (name: string) => [{ $match }, { $set: { lastUsedAt: 0, collection: name } }];
  const [first = '', ...others] = names;
  // In one question: there are dozens of collections, and thousands of looks.
  const all = others.map((coll) => ({ $unionWith: { coll, pipeline: ofThat(coll) } }));
  const inOrder = { $sort: { _id: 1, collection: 1 } } as const;
  return connection
    .collection(first)
    .aggregate([...ofThat(first), ...all, inOrder])
    .toArray();
}

async function answerTo(
  url: string,
  { operation, document }: MatrixRow,
  { caller, variables }: Question,
): Promise<MatrixAnswer> {
  const sender = { url, key: caller.key };
  if (operation.startsWith('Subscription.')) return firstEvent(sender, document, variables);
  const send = document.includes('$file') ? askWithFile : ask;
  const { status, data, errors } = await send<Record<string, unknown>>(sender, document, variables);
  return { status, data, errors };
}

async function firstEvent(sender: Sender, document: string, variables: Variables): Promise<MatrixAnswer> {
  const client = connect(sender);
  try {
    return await askOverSocket(client, document, variables);
  } catch (error) {
    if (!isNoCredential(error)) throw error;
    return { errors: [{ message: 'The connection was closed.', extensions: { code: 'UNAUTHENTICATED' } }] };
  } finally {
    await client.dispose();
  }
}

const isNoCredential = (error: unknown): boolean =>
  error instanceof Error && (error.cause as { code?: unknown } | undefined)?.code === NO_CREDENTIAL;
