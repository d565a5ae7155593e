import { describe, expect, it } from '@jest/globals';
import { bodyLength, isKept, parseReplyHead } from './reply-head.js';

const reply = (...lines: string[]) => parseReplyHead(lines.join('\r\n'));

describe('the head of a reply', () => {
  it('is a status and fields', () => {
    const { status, headers } = reply(
      'HTTP/1.1 206 Partial Content',
      'ETag: "0x8D"',
      'Content-Length:  10 ',
      'x-ms-empty:',
    );
    expect(status).toBe(206);
    expect(Object.fromEntries(headers)).toEqual({ etag: '"0x8D"', 'content-length': '10', 'x-ms-empty': '' });
    expect(reply('HTTP/1.1 404').status).toBe(404);
  });

  it.each([
    [['HTTP/1.0 200 OK']],
    [['HTTP/1.1 100 Continue']],
    [['HTTP/1.1 2000 OK']],
    [['SSH-2.0-OpenSSH_9.2']],
    [['']],
    [['HTTP/1.1 200 OK', ' folded: 1']],
    [['HTTP/1.1 200 OK', 'no field']],
    [['HTTP/1.1 200 OK', 'name : 1']],
    [['HTTP/1.1 200 OK', 'Content-Length: 1', 'content-length: 2']],
  ])('is refused where it is none: %j', (lines) => {
    expect(() => reply(...lines)).toThrow();
  });

  it.each([
    ['GET', ['HTTP/1.1 200 OK', 'content-length: 12'], 12],
    ['HEAD', ['HTTP/1.1 200 OK', 'content-length: 12'], 0],
    ['GET', ['HTTP/1.1 304 Not Modified', 'content-length: 12'], 0],
    ['GET', ['HTTP/1.1 404 Not Found', 'transfer-encoding: chunked', 'content-length: 12'], undefined],
    ['GET', ['HTTP/1.1 200 OK'], undefined],
  ])('tells how much follows: %s %j', (method, lines, length) => {
    expect(bodyLength(reply(...lines), method)).toBe(length);
  });

  it.each(['-1', '1e3', '0x10', '12, 12', ''])('tells no length like %p', (length) => {
    expect(() => bodyLength(reply('HTTP/1.1 200 OK', `content-length: ${length}`), 'GET')).toThrow(
      'not a length',
    );
  });

  it('tells whether the connection is kept', () => {
    expect(isKept(reply('HTTP/1.1 200 OK', 'connection: keep-alive'))).toBe(true);
    expect(isKept(reply('HTTP/1.1 200 OK'))).toBe(true);
    expect(isKept(reply('HTTP/1.1 200 OK', 'Connection: Close'))).toBe(false);
  });
});
