import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { repoRoot } from './repo-root.js';

const toolsSchema = z.object({
  java: z.string().optional(),
  kafkaClasspath: z.string().optional(),
  mongod: z.string().optional(),
  azurite: z.string().optional(),
});

/** The programs that set-up found or downloaded, as paths. */
export type Tools = z.infer<typeof toolsSchema>;

/** What `local/setup.mjs` wrote down; empty where it never ran. */
export function readTools(file = join(repoRoot(), '.data/tools/tools.json')): Tools {
  try {
    return toolsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
}

/** @throws Error that says how to get it. */
export function requireTool(tools: Tools, name: keyof Tools): string {
  const path = tools[name];
  if (!path) throw new Error(`${name} is not set up on this machine. Type: npm run stack`);
  return path;
}
