import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { buildSchema, Kind } from 'graphql';
import { withGateway } from './gateway-fixture.js';
import { type MatrixRole, matrixRoles, type MatrixRow } from './gateway-matrix-row.js';
import { matrixRows } from './gateway-matrix-rows.js';
import type { MatrixPlace } from './gateway-matrix-things.js';
import {
  createWorld,
  definitionIn,
  type MatrixAnswer,
  type MatrixAnswers,
  type MatrixWorld,
} from './gateway-matrix-world.js';

/** A gateway that sends mail, lets everybody sign up, and counts no requests. */
const options = {
  ...({ kafka: 'silent', signUp: 'open' } as const),
  mailer: { isConfigured: true, send: () => Promise.resolve() },
  requestRates: { address: 1e6, anonymous: 1e6, caller: 1e6 },
};
const TIMEOUT_MS = 180_000;

/** What the document of a row asks for. */
function operationIn(row: MatrixRow): string {
  const { operation, selectionSet } = definitionIn(row);
  const kind = operation.replace(/^./, (letter) => letter.toUpperCase());
  const names = selectionSet.selections.map((field) => (field.kind === Kind.FIELD ? field.name.value : '?'));
  return `${kind}.${names.join()}`;
}

async function operationsOfSchema(): Promise<string[]> {
  const text = await readFile(new URL('../../schema/schema.graphql', import.meta.url), 'utf8');
  const schema = buildSchema(text);
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return roots.flatMap((type) =>
    type ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`) : [],
  );
}

function outcomeOf({ data, errors }: MatrixAnswer): string {
  if (errors) return errors.map(({ extensions }) => extensions.code).join();
  return Object.values(data ?? {}).every((value) => value === null) ? 'null' : 'answered';
}

const may = ({ who }: MatrixRow, role: MatrixRole): boolean => who.includes(role);

/** Whether somebody of this role has a part in a place. */
function sees(role: MatrixRole, place: MatrixPlace, own: MatrixPlace): boolean {
  if (role === 'nobody') return false;
  if (role === 'superAdmin' || role === 'adminKey') return true;
  return role === 'projectKey'
    ? place.projectId === own.projectId
    : place.organizationId === own.organizationId;
}

/** What somebody of this role is answered about what they have a part in. */
function outcomeFor(row: MatrixRow, role: MatrixRole): string {
  if (may(row, role)) return row.outcome ?? 'answered';
  return role === 'nobody' ? 'UNAUTHENTICATED' : 'FORBIDDEN';
}

/** Says what was answered otherwise than a row says. */
function deviation(row: MatrixRow, where: string, got: string, allowed: readonly string[]): string[] {
  const name = row.when === undefined ? row.operation : `${row.operation} (${row.when})`;
  return allowed.includes(got) ? [] : [`${name} ${where}: expected ${allowed.join(' or ')}, got ${got}`];
}

type Callers = MatrixWorld['callers'];

/** Of questions about a place that all of these have a part in. */
async function withPart(world: MatrixWorld, row: MatrixRow, callers: Callers, where: 'own' | 'foreign') {
  const answers = await world.ask(row, callers, world.places[where]);
  return [...answers].flatMap(([role, answer]) => [
    ...deviation(row, `as ${role} on ${where}`, outcomeOf(answer), [outcomeFor(row, role)]),
    ...(row.elsewhere === 'left out' && may(row, role) ? wronglyListed(world, row, { role, answer }) : []),
  ]);
}

/** Of the places that a list tells of. */
function wronglyListed(
  { places }: MatrixWorld,
  row: MatrixRow,
  { role, answer }: { role: MatrixRole; answer: MatrixAnswer },
): string[] {
  const text = JSON.stringify(answer);
  return Object.entries(places).flatMap(([name, place]) => {
    const isListed = [place.organizationId, place.projectId].some((id) => text.includes(id));
    const wanted = sees(role, place, places.own) ? 'listed' : 'left out';
    return deviation(row, `as ${role}, ${name}`, isListed ? 'listed' : 'left out', [wanted]);
  });
}

/** Of questions about what does not exist; who may not is told so at once, or nothing either. */
const aboutNothing = (row: MatrixRow, answers: MatrixAnswers, nothing: string): string[] =>
  [...answers].flatMap(([role, answer]) => {
    const allowed = may(row, role)
      ? [nothing]
      : [outcomeFor(row, role), ...(role === 'nobody' ? [] : [nothing])];
    return deviation(row, `as ${role} on nothing`, outcomeOf(answer), allowed);
  });

/** Of questions about a place that none of these have a part in: all is as if it were not there, and stays. */
async function withoutPart(
  world: MatrixWorld,
  row: MatrixRow,
  { callers, where, missing }: { callers: Callers; where: 'sibling' | 'foreign'; missing: MatrixAnswers },
): Promise<string[]> {
  if (callers.length === 0) return [];
  const { answers, isChanged } = await world.askAndLook(row, callers, world.places[where]);
  const told = [...answers].flatMap(([role, answer]) =>
    deviation(row, `as ${role} on ${where}`, JSON.stringify(answer), [JSON.stringify(missing.get(role))]),
  );
  return [...told, ...deviation(row, `on ${where}`, isChanged ? 'a change' : 'no change', ['no change'])];
}

/** Asks everybody what a row is about, everywhere. */
async function deviations(world: MatrixWorld, row: MatrixRow): Promise<string[]> {
  const { asked = matrixRoles, elsewhere } = row;
  const callers = world.callers.filter(({ role }) => asked.includes(role));
  const found = await withPart(world, row, callers, 'own');
  if (elsewhere === undefined || elsewhere === 'left out') return found;
  const missing = await world.ask(row, callers);
  const { own, foreign } = world.places;
  const insiders = callers.filter(({ role }) => sees(role, foreign, own));
  const strangers = callers.filter(({ role }) => !sees(role, foreign, own));
  const keys = callers.filter(({ role }) => role === 'projectKey' && may(row, role));
  return [
    ...found,
    ...aboutNothing(row, missing, elsewhere),
    ...(await withoutPart(world, row, { callers: strangers, where: 'foreign', missing })),
    ...(await withoutPart(world, row, { callers: keys, where: 'sibling', missing })),
    ...(await withPart(world, row, insiders, 'foreign')),
  ];
}

describe('who may do what', () => {
  it('is said of every operation of the schema, and of no other', async () => {
    const told = new Set(matrixRows.map(({ operation }) => operation));
    expect([...told].toSorted()).toEqual((await operationsOfSchema()).toSorted());
    for (const row of matrixRows) expect(operationIn(row)).toBe(row.operation);
  });

  it(
    'is as the matrix says, as every role, on what is their own and on what is not',
    () =>
      withGateway(options, async (fixture) => {
        const world = await createWorld(fixture);
        const found: string[] = [];
        for (const row of matrixRows) found.push(...(await deviations(world, row)));
        expect(found).toEqual([]);
      }),
    TIMEOUT_MS,
  );
});
