import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createLifecycle } from './lifecycle.js';

const log = pino({ level: 'silent' });

describe('createLifecycle', () => {
  it('closes in reverse order, once, after telling everybody to stop', async () => {
    const lifecycle = createLifecycle({ log });
    const closed: string[] = [];
    for (const name of ['first', 'second']) {
      lifecycle.onClose(name, () => Promise.resolve(closed.push(`${name} ${lifecycle.signal.aborted}`)));
    }
    await Promise.all([lifecycle.close(), lifecycle.close()]);
    expect(closed).toEqual(['second true', 'first true']);
  });

  it('closes the rest when one fails or never ends', async () => {
    const lifecycle = createLifecycle({ log, closeTimeoutMs: 1 });
    let closed = false;
    lifecycle.onClose('last', () => Promise.resolve((closed = true)));
    lifecycle.onClose('stuck', () => new Promise(() => undefined));
    lifecycle.onClose('broken', () => Promise.reject(new Error('no')));
    await lifecycle.close();
    expect(closed).toBe(true);
  });
});
