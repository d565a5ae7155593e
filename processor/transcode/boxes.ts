import { AppError } from '../../schema/errors.js';

/** A box of an ISO base media file (ISO/IEC 14496-12 section 4.2): its four-letter type and what it holds. */
export interface Box {
  type: string;
  /** Where it begins in the bytes it was read from. */
  start: number;
  body: Buffer;
}

/** The error for bytes that are not what FFmpeg writes. */
export const malformed = (what: string): AppError =>
  new AppError('INTERNAL', { message: `malformed MP4: ${what}` });

/** Reads big-endian fields one after the other; throws `malformed` where the bytes end too early. */
export interface Fields {
  u16(): number;
  u32(): number;
  i32(): number;
  u64(): number;
  skip(bytes: number): void;
}

export function fieldsOf(body: Buffer): Fields {
  let at = 0;
  const take = (bytes: number): number => {
    if (at + bytes > body.length) throw malformed('a field beyond the end of its box');
    at += bytes;
    return at - bytes;
  };
  return {
    u16: () => body.readUInt16BE(take(2)),
    u32: () => body.readUInt32BE(take(4)),
    i32: () => body.readInt32BE(take(4)),
    u64: () => {
      const value = Number(body.readBigUInt64BE(take(8)));
      if (!Number.isSafeInteger(value)) throw malformed('a number beyond 2^53');
      return value;
    },
    skip: (bytes) => void take(bytes),
  };
}

/** The boxes that lie one after the other in `bytes`. Throws `malformed` when they do not fill it exactly. */
export function boxesIn(bytes: Buffer): Box[] {
  const boxes: Box[] = [];
  let at = 0;
  while (at < bytes.length) {
    const fields = fieldsOf(bytes.subarray(at));
    const short = fields.u32();
    const type = bytes.toString('latin1', at + 4, at + 8);
    fields.skip(4);
    const size = short === 1 ? fields.u64() : short === 0 ? bytes.length - at : short;
    const header = short === 1 ? 16 : 8;
    if (size < header || at + size > bytes.length) throw malformed(`the size of box ${JSON.stringify(type)}`);
    boxes.push({ type, start: at, body: bytes.subarray(at + header, at + size) });
    at += size;
  }
  return boxes;
}

/** Contents of every box on the path of types, down from `bytes`. */
export function boxesAt(bytes: Buffer, [type, ...deeper]: readonly string[]): Buffer[] {
  const found = boxesIn(bytes).filter((box) => box.type === type);
  return found.flatMap(({ body }) => (deeper.length ? boxesAt(body, deeper) : [body]));
}

/** Contents of the one box there has to be on the path. */
export function boxAt(bytes: Buffer, path: readonly string[]): Buffer {
  const [body] = boxesAt(bytes, path);
  if (!body) throw malformed(`no ${path.join('/')}`);
  return body;
}
