import 'reflect-metadata';
import { readFile } from 'node:fs/promises';
import { pino } from 'pino';
import { z } from 'zod';
import { createApiKeyVerifier, issueApiKey } from '../platform/api-keys.js';
import { parseConfig, sharedSettings } from '../platform/config.js';
import { redactSecrets } from '../platform/logger.js';
import { connectMongo, type Database } from '../platform/mongo.js';
import { ApiKey } from '../schema/api-key.js';
import { projectScopes } from '../schema/permissions.js';
import { newId } from '../schema/ids.js';
import { Organization } from '../schema/organization.js';
import { Project } from '../schema/project.js';
import { createDemoOwner } from './demo-owner.js';

/** What the local command line needs to know; the keys cannot be read again from the database. */
const demoFormat = z.object({ projectId: z.string(), apiKey: z.string(), adminApiKey: z.string() });
type Demo = z.infer<typeof demoFormat>;

const settings = z.object({
  MONGO_URL: sharedSettings.MONGO_URL,
  LOG_LEVEL: sharedSettings.LOG_LEVEL,
  /** JSON file with what an earlier run printed. */
  STREAM_PLUS_DEMO_FILE: z.string().optional(),
});

const NAME = 'Demo';

/** The demo of an earlier run, if its keys still open its project, to everything a key may do. */
async function findDemo(db: Database, file: string | undefined): Promise<Demo | undefined> {
  const text = file === undefined ? undefined : await readFile(file, 'utf8').catch(() => undefined);
  const demo = text === undefined ? undefined : demoFormat.safeParse(parseJson(text)).data;
  if (!demo) return undefined;
  const verifier = createApiKeyVerifier({ db });
  const [key, admin] = await Promise.all([verifier.verify(demo.apiKey), verifier.verify(demo.adminApiKey)]);
  const isWhole =
    key?.projectId === demo.projectId && projectScopes.every((scope) => key.scopes.includes(scope));
  return isWhole && admin?.scopes.includes('admin') ? demo : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** New keys for the demo project, which is created where there is none. */
async function createDemo(db: Database, organizationId: string): Promise<Demo> {
  const projectId = await demoProject(db, organizationId);
  const application = issueApiKey({ name: NAME, scopes: projectScopes, organizationId, projectId });
  const admin = issueApiKey({ name: `${NAME} administrator`, scopes: ['admin'] });
  await db.model(ApiKey).create([application.document, admin.document]);
  return { projectId, apiKey: application.key, adminApiKey: admin.key };
}

async function demoOrganization(db: Database): Promise<string> {
  const found = await db
    .model(Organization)
    .findOneAndUpdate(
      { name: NAME },
      { $setOnInsert: { _id: newId('org') } },
      { upsert: true, returnDocument: 'after' },
    );
  return found._id;
}

async function demoProject(db: Database, organizationId: string): Promise<string> {
  const found = await db
    .model(Project)
    .findOneAndUpdate(
      { organizationId, name: NAME },
      { $setOnInsert: { _id: newId('project') } },
      { upsert: true, returnDocument: 'after' },
    );
  return found._id;
}

const config = parseConfig(settings, process.env);
// Standard output carries one line, the demo: the log goes beside it.
const log = pino(
  { level: config.LOG_LEVEL, base: { service: 'seed-demo' }, hooks: { streamWrite: redactSecrets } },
  pino.destination({ fd: 2, sync: true }),
);
const db = await connectMongo({ url: config.MONGO_URL, log });
try {
  const organizationId = await demoOrganization(db);
  const found = await findDemo(db, config.STREAM_PLUS_DEMO_FILE);
  const { projectId, apiKey, adminApiKey } = found ?? (await createDemo(db, organizationId));
  // Only on the run that makes them.
  const owner = await createDemoOwner(db, organizationId);
  process.stdout.write(`${JSON.stringify({ projectId, apiKey, adminApiKey, owner })}\n`);
} finally {
  await db.close();
}
