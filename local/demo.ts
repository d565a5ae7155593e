import { execFile } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { ProgramArgs } from './services.js';

const SEED_TIMEOUT_MS = 60_000;

const demoSchema = z.object({ projectId: z.string(), apiKey: z.string(), adminApiKey: z.string() });

/** A project to try things in, and the keys to it. */
export type Demo = z.infer<typeof demoSchema>;

/** How to sign in as the owner of the demo: known on the run that makes them, and stored nowhere. */
const ownerSchema = z.object({ email: z.string(), password: z.string() });
export type DemoOwner = z.infer<typeof ownerSchema>;

const seeded = z.object({ ...demoSchema.shape, owner: ownerSchema.optional() });

/**
 * Creates the demo project and its owner where they are not there yet, and leaves word of the project in
 * DATA_DIR/local.json for the command line.
 */
export async function prepareDemo(deps: {
  dataDir: string;
  env: NodeJS.ProcessEnv;
  programArgs: ProgramArgs;
  gatewayUrl: string;
  streamerUrl: string;
}): Promise<{ demo: Demo; owner?: DemoOwner }> {
  const file = join(deps.dataDir, 'local.json');
  const { stdout } = await promisify(execFile)(process.execPath, deps.programArgs('gateway/seed-demo'), {
    env: { ...deps.env, STREAM_PLUS_DEMO_FILE: file },
    timeout: SEED_TIMEOUT_MS,
  });
  const { owner, ...demo } = seeded.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
  const { gatewayUrl, streamerUrl } = deps;
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify({ gatewayUrl, streamerUrl, ...demo }, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
  return { demo, owner };
}
