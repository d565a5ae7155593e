import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';

/** Ours stand in the folder `player` at the root, as `package.json` says. */
const files: ReadonlyMap<string, { from: string; type: string }> = new Map([
  ['embed.js', { from: '#player/embed.js', type: SCRIPT }],
  ['embed.css', { from: '#player/embed.css', type: STYLE }],
  ['renew.js', { from: '#player/renew.js', type: SCRIPT }],
  ['hls.mjs', { from: 'hls.js/dist/hls.min.mjs', type: SCRIPT }],
]);

/** What browsers load for the player. */
export interface PlayerFile {
  type: string;
  body: Buffer;
  gzipped: Buffer;
  /** Of the body; the gzipped one has another (RFC 9110 section 8.8.3). */
  etag: string;
  gzippedEtag: string;
}

export interface PlayerFiles {
  /** undefined for a name that there is not. */
  read(name: string): Promise<PlayerFile | undefined>;
}

/** Reads each file once; again where that has failed. */
export function createPlayerFiles(): PlayerFiles {
  const read = new Map<string, Promise<PlayerFile>>();
  return {
    read(name) {
      const file = files.get(name);
      if (!file) return Promise.resolve(undefined);
      const known = read.get(name);
      if (known) return known;
      const loading = load(file);
      read.set(name, loading);
      loading.catch(() => read.delete(name));
      return loading;
    },
  };
}

async function load({ from, type }: { from: string; type: string }): Promise<PlayerFile> {
  const body = await readFile(createRequire(import.meta.url).resolve(from));
  const hash = createHash('sha256').update(body).digest('base64url');
  return {
    ...{ type, body, gzipped: await promisify(gzip)(body) },
    ...{ etag: `"${hash}"`, gzippedEtag: `"${hash}-gzip"` },
  };
}
