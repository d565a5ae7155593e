import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { serviceNames } from '../../local/services.js';
import { bundledService, compileCache } from '../support/built-program.js';

describe('a service with bad settings', () => {
  it.each(serviceNames)('%s says what is wrong, a line each, and ends', async (name) => {
    const env = { PATH: process.env['PATH'], ...compileCache(), MONGO_URL: 'http://here' };
    const service = spawn(process.execPath, bundledService(`${name}/main`), { env });
    const ended = once(service, 'exit') as Promise<[number]>;
    const [said, [code]] = await Promise.all([text(service.stderr), ended]);
    const [first, ...lines] = said.trimEnd().split('\n');
    expect(first).toBe('Bad settings:');
    expect(lines).toContain('  MONGO_URL: must be a mongodb:// URL');
    for (const line of lines) expect(line).toMatch(/^ {2}[A-Z_]+: must be /);
    expect(code).toBe(1);
  });
});
