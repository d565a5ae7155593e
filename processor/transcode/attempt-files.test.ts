import { describe, expect, it } from '@jest/globals';
import type { BlobContainer } from '../../platform/blob.js';
import { createAttemptFiles } from './attempt-files.js';

describe('the files of an attempt', () => {
  it('are removed together, also those of which nobody heard that they were stored', async () => {
    const stored = new Set(['v/1/other']);
    const container: Pick<BlobContainer, 'put' | 'delete'> = {
      put(name) {
        stored.add(name);
        return name.endsWith('b') ? Promise.reject(new Error('answer lost')) : Promise.resolve(true);
      },
      delete: (name) => Promise.resolve(void stored.delete(name)),
    };
    const files = createAttemptFiles(container, 'v/1/');
    const options = { contentType: 'video/mp4' };
    await files.put('a', Buffer.alloc(1), options);
    await expect(files.put('b', Buffer.alloc(1), options)).rejects.toThrow('answer lost');
    await files.remove();
    expect([...stored]).toEqual(['v/1/other']);
  });
});
