import { createServer, maxHeaderSize, type IncomingMessage } from 'node:http';
import { duplexPair } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readRequestHead, type RequestHead } from './request-head.js';

const read = (text: string): RequestHead | undefined => readRequestHead(Buffer.from(text, 'latin1'));
const head = (...lines: string[]): string => `${lines.join('\r\n')}\r\n\r\n`;
const get = 'GET /stream/token/v720/s00000.1.m4s?CMCD=br%3D5 HTTP/1.1';

/** What Node's own parser makes of it. */
async function asNodeReads(text: string): Promise<RequestHead> {
  const [client, server] = duplexPair();
  const http = createServer();
  const seen = new Promise<IncomingMessage>((resolve) => http.once('request', resolve));
  http.emit('connection', server);
  client.write(Buffer.from(text, 'latin1'));
  const { method = '', url = '', headers } = await seen;
  client.destroy();
  server.destroy();
  return { method, url, headers } as RequestHead;
}

describe('a request for a published file', () => {
  it('is read to its end', () => {
    const text = head(
      get,
      'Host: play.test',
      'User-Agent:  a player \t',
      'X-Empty:',
      'Connection: Keep-Alive',
    );
    expect(read(text)).toEqual({
      method: 'GET',
      url: '/stream/token/v720/s00000.1.m4s?CMCD=br%3D5',
      headers: {
        ...{ host: 'play.test', 'user-agent': 'a player', 'x-empty': '', connection: 'Keep-Alive' },
      },
    });
    expect(read(head('HEAD /stream/t.m3u8 HTTP/1.1', 'host: a'))?.method).toBe('HEAD');
  });

  it.each([
    ['half of it', head(get, 'Host: a').slice(0, -1)],
    ['more than it', `${head(get, 'Host: a')}G`],
    ['two of them', head(get, 'Host: a').repeat(2)],
    ['another method', head('POST /stream/t.m3u8 HTTP/1.1', 'Host: a')],
    ['another path', head('GET /videos/video_1 HTTP/1.1', 'Host: a')],
    ['a whole address', head('GET http://a/stream/t.m3u8 HTTP/1.1', 'Host: a')],
    ['another version', head('GET /stream/t.m3u8 HTTP/1.0', 'Host: a')],
    ['a space in the path', head('GET /stream/t m3u8 HTTP/1.1', 'Host: a')],
    ['two spaces', head('GET  /stream/t.m3u8 HTTP/1.1', 'Host: a')],
    ['no host', head(get, 'Accept: */*')],
    ['two hosts', head(get, 'Host: a', 'host: b')],
    ['a body', head(get, 'Host: a', 'Content-Length: 0')],
    ['a body in pieces', head(get, 'Host: a', 'Transfer-Encoding: chunked')],
    ['an upgrade', head(get, 'Host: a', 'Upgrade: h2c')],
    ['a question before the body', head(get, 'Host: a', 'Expect: 100-continue')],
    ['a field that Node has a list of', head(get, 'Host: a', 'Set-Cookie: a=b')],
    ['a field that is no name in Node', head(get, 'Host: a', '__proto__: x')],
    ['a connection that ends', head(get, 'Host: a', 'Connection: close')],
    ['a folded line', head(get, 'Host: a', 'Accept: x', ' y')],
    ['a space before the colon', head(get, 'Host : a', 'Host: b')],
    ['no colon', head(get, 'Host: a', 'Accept')],
    ['a name of nothing', head(get, 'Host: a', ': x')],
    ['a line feed alone', head(get, 'Host: a\nAccept: x')],
    ['a carriage return alone', head(get, 'Host: a\rAccept: x')],
    ['a zero byte', head(get, 'Host: a\0')],
    ['line feeds for all', head(get, 'Host: a').replaceAll('\r\n', '\n')],
    ['empty lines before it', `\r\n${head(get, 'Host: a')}`],
    ['more than a server reads', head(get, 'Host: a', `Accept: ${'x'.repeat(maxHeaderSize)}`)],
  ])('is left to others where it is %s', (_what, text) => {
    expect(read(text)).toBeUndefined();
  });

  it('is what Node reads of the same bytes', () => {
    const special = ['__proto__', 'constructor', 'Set-Cookie', 'Cookie', 'Accept', 'Expect', 'Connection'];
    const name = fc.oneof(
      fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,12}$/),
      fc.constantFrom(...special),
    );
    const value = fc.stringMatching(/^[\t -~\x80-\xff]{0,20}$/);
    const path = fc.stringMatching(/^[!-~]{1,30}$/);
    const anyHead = fc.tuple(
      fc.constantFrom('GET', 'HEAD'),
      path,
      fc.array(fc.tuple(name, value), { maxLength: 6 }),
    );
    return fc.assert(
      fc.asyncProperty(anyHead, async ([method, rest, fields]) => {
        const lines = fields.map(([field, text]) => `${field}:${text}`);
        const text = head(`${method} /stream/${rest} HTTP/1.1`, 'host: a', ...lines);
        const ours = read(text);
        fc.pre(ours !== undefined);
        expect(ours).toEqual(await asNodeReads(text));
      }),
      { numRuns: 300 },
    );
  });
});
