import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { BufferBody, type Body } from './body.js';
import { allocateBody } from './memory-file.js';

const KiB = 1024;
const onLinux = process.platform === 'linux' ? it : it.skip;

/** Both ends of a connection. */
async function connected(): Promise<{ server: Socket; client: Socket; close: () => void }> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const client = connect((listener.address() as AddressInfo).port, '127.0.0.1');
  const [server] = (await once(listener, 'connection')) as [Socket];
  const close = () =>
    [client, server, listener].forEach((each) => ('destroy' in each ? each.destroy() : each.close()));
  return { server, client, close };
}

const numberOf = (socket: Socket): number => (socket as unknown as { _handle: { fd: number } })._handle.fd;

/** Descriptors of this process that are files in memory. */
const memoryFiles = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('/memfd:stream-plus');
    } catch {
      return false;
    }
  }).length;

/** What a closed socket has for a number. */
const NO_SOCKET = -1;

describe.each([
  ['in V8’s memory', (length: number): Body => BufferBody.ofLength(length)],
  ['as a file in memory', allocateBody],
])('a body %s', (_where, allocate) => {
  it('takes what is written into it, and gives it back as often as it is asked', () => {
    const body = allocate(100 * KiB);
    body.write(Buffer.alloc(100 * KiB, '-'), 0);
    body.write(Buffer.from('first'), 0);
    body.write(Buffer.from('last'), body.length - 4);
    for (const _time of [1, 2]) {
      expect(body.bytes(0, 6).toString()).toBe('first-');
      expect(body.bytes(body.length - 5).toString()).toBe('-last');
      expect(body.bytes().length).toBe(100 * KiB);
    }
    body.release();
  });

  it('has nothing any more when it is released, which may be said twice', () => {
    const body = allocate(100 * KiB);
    expect(body.isReleased).toBe(false);
    body.release();
    body.release();
    expect(body.isReleased).toBe(true);
  });
});

describe('a body that shares its memory with others', () => {
  it('is left alone', () => {
    const all = Buffer.alloc(100, 'a');
    new BufferBody(all.subarray(10)).release();
    expect(all.length).toBe(100);
  });
});

describe('a body as a file in memory', () => {
  it('is none where it is short', () => {
    expect(allocateBody(64 * KiB - 1).inPlace).toBeUndefined();
  });

  onLinux('is sent from where it is', async () => {
    const { server, client, close } = await connected();
    const body = allocateBody(100 * KiB);
    body.write(Buffer.alloc(100 * KiB, 'what is sent is what was written'), 0);
    const lead = Buffer.from('what goes before it');
    expect(body.inPlace?.lead(numberOf(server), lead)).toBe(lead.length);
    expect(body.inPlace?.send(numberOf(server), 7, 50 * KiB)).toBe(50 * KiB);
    const pieces: Buffer[] = [];
    for await (const piece of client as AsyncIterable<Buffer>) {
      pieces.push(piece);
      if (Buffer.concat(pieces).length >= lead.length + 50 * KiB) break;
    }
    expect(Buffer.concat(pieces).equals(Buffer.concat([lead, body.bytes(7, 7 + 50 * KiB)]))).toBe(true);
    close();
  });

  onLinux('says when a socket takes no more, and when it never will', async () => {
    const { server, client, close } = await connected();
    client.pause();
    const body = allocateBody(16 * KiB * KiB);
    body.write(Buffer.alloc(body.length), 0);
    let at = 0;
    for (let taken = 1; taken > 0; at += taken)
      taken = body.inPlace?.send(numberOf(server), at, body.length - at) ?? 0;
    expect(at).toBeGreaterThan(0);
    expect(at).toBeLessThan(body.length);
    expect(() => body.inPlace?.send(NO_SOCKET, 0, 1)).toThrow('sendfile failed');
    expect(() => body.inPlace?.lead(NO_SOCKET, Buffer.alloc(1))).toThrow('send failed');
    close();
  });

  onLinux('is closed when it is released, and never read or sent after that', () => {
    const before = memoryFiles();
    const body = allocateBody(100 * KiB);
    expect(memoryFiles()).toBe(before + 1);
    body.release();
    expect(memoryFiles()).toBe(before);
    expect(() => body.inPlace?.send(1, 0, 1)).toThrow('given back');
    expect(() => body.bytes(0, 1)).toThrow('given back');
    expect(() => body.write(Buffer.alloc(1), 0)).toThrow('given back');
  });

  onLinux('leaves descriptors to connections, and says so', async () => {
    const program = `
      const { allocateBody } = await import('./platform/memory/memory-file.ts');
      const bodies = Array.from({ length: 200 }, () => allocateBody(65536));
      for (const body of bodies) body.write(Buffer.from('all the same'), 0);
      const inPlace = () => bodies.filter((body) => body.inPlace).length;
      const before = inPlace();
      bodies.splice(0, 50).forEach((body) => body.release());
      bodies.push(...Array.from({ length: 100 }, () => allocateBody(65536)));
      console.log(before, inPlace(), bodies[149].bytes(0, 12).toString());
    `;
    const node = `exec "${process.execPath}" --import @swc-node/register/esm-register --input-type=module -e "$0"`;
    const { stdout, stderr } = await promisify(execFile)('sh', ['-c', `ulimit -n 240 && ${node}`, program]);
    expect(stdout).toBe('120 120 all the same\n');
    expect(stderr.match(/ulimit -n/g)).toHaveLength(1);
  });

  onLinux('has no bytes before they are written', () => {
    expect(() => allocateBody(100 * KiB).bytes(0, 1)).toThrow('nothing was written');
  });
});
