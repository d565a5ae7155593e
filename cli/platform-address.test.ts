import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { platformAddress } from './platform-address.js';
import { temporaryFolder } from '../test/support/temporary-folder.js';

const dataDirWith = (content?: string): string => {
  const folder = temporaryFolder();
  if (content !== undefined) writeFileSync(join(folder, 'local.json'), content);
  return folder;
};
const local = JSON.stringify({
  gatewayUrl: 'http://127.0.0.1:4000',
  apiKey: 'local-key',
  projectId: 'project_1',
});

describe('platformAddress', () => {
  it('takes the platform that the environment names, without its last slash', () => {
    const env = {
      STREAM_PLUS_URL: 'https://video.example/',
      STREAM_PLUS_API_KEY: 'key',
      DATA_DIR: dataDirWith(local),
    };
    expect(platformAddress(env)).toEqual({ url: 'https://video.example', apiKey: 'key' });
  });

  it('takes the one of npm start otherwise', () => {
    expect(platformAddress({ DATA_DIR: dataDirWith(local) })).toEqual({
      url: 'http://127.0.0.1:4000',
      apiKey: 'local-key',
    });
  });

  it('never sends the local key elsewhere', () => {
    const env = { STREAM_PLUS_URL: 'https://video.example', DATA_DIR: dataDirWith(local) };
    expect(() => platformAddress(env)).toThrow('STREAM_PLUS_API_KEY');
  });

  it('says how to get a platform where there is none', () => {
    expect(() => platformAddress({ DATA_DIR: dataDirWith() })).toThrow('npm start');
  });

  it('names the file that it cannot read', () => {
    expect(() => platformAddress({ DATA_DIR: dataDirWith('{') })).toThrow('local.json cannot be read');
  });
});
