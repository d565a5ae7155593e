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

/** Whom the matrix asks as, and about what. */
export interface MatrixWorld {
  /** Where everybody is at home, another project of that organization, and one of another organization. */
  places: Readonly<Record<'own' | 'sibling' | 'foreign', MatrixPlace>>;
  callers: readonly MatrixCaller[];
  /**
   * What all of these are answered by the operation of a row, each about things of its own: in a place, or
   * missing. `isChanged`: whether anything of the organization of that place is not as it was.
   */
  ask(
    row: MatrixRow,
    callers: readonly MatrixCaller[],
    place?: MatrixPlace,
  ): Promise<{ answers: Map<MatrixRole, MatrixAnswer>; isChanged: boolean }>;
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

  return {
    places,
    callers: await Promise.all(matrixRoles.map((role) => createCaller(fixture, role, own))),

    async ask(row, callers, place) {
      const questions = await Promise.all(callers.map((caller) => question(row, caller, place)));
      const ids = questions.flatMap(({ variables }) => Object.values(variables));
      const look = () => (place ? stored(db, place, ids) : Promise.resolve([]));
      const before = await look();
      const answers = await Promise.all(questions.map((one) => answerTo(url, row, one)));
      return {
        answers: new Map(callers.map(({ role }, at) => [role, answers[at] ?? {}])),
        isChanged: !isDeepStrictEqual(await look(), before),
      };
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
  const condition = { $or: [{ organizationId }, { _id: { $in: [organizationId, ...ids] } }] };
  const { connection } = db;
  const tried = db.model(AuditEntry).collection.name;
  const names = (await connection.listCollections()).map(({ name }) => name).filter((name) => name !== tried);
  const found = await Promise.all(
    names.toSorted().map((name) =>
      connection
        .collection<{ _id: string }>(name)
        .find(condition, { projection: { lastUsedAt: 0 } })
        .sort({ _id: 1 })
        .toArray(),
    ),
  );
  return found.flat();
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
