/** Hand-made MP4 boxes for tests of the code that reads them. */

/** Big-endian fields of four bytes. */
export const u32 = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeInt32BE(value | 0, 4 * index));
  return bytes;
};

export const box = (type: string, ...contents: Buffer[]): Buffer => {
  const body = Buffer.concat(contents);
  return Buffer.concat([u32(8 + body.length), Buffer.from(type, 'latin1'), body]);
};

const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
};

export interface SegmentSpec {
  tfdt: number;
  /** Duration of each sample, ticks. */
  durations: number[];
  /** Presentation after decoding, ticks; all 0 unless given. */
  offsets?: number[];
  sync?: boolean;
  /** How many times over: more than one movie fragment. */
  fragments?: number;
}

const NON_SYNC = 0x1010000;

/** Size of each sample. */
const SAMPLE_BYTES = 100;

/** A media segment as FFmpeg lays it out: styp, then moof with one run, and mdat. */
export function segmentBytes(spec: SegmentSpec): Buffer {
  const fragment = Buffer.concat([
    movieFragment(spec, movieFragment(spec, 0).length + 8),
    box('mdat', Buffer.alloc(SAMPLE_BYTES * spec.durations.length)),
  ]);
  return Buffer.concat([
    box('styp', Buffer.from('msdh')),
    ...Array<Buffer>(spec.fragments ?? 1).fill(fragment),
  ]);
}

function movieFragment({ tfdt, durations, offsets, sync = true }: SegmentSpec, dataOffset: number): Buffer {
  const rows = durations.map((duration, index) =>
    u32(duration, SAMPLE_BYTES, index ? NON_SYNC : 0, offsets?.[index] ?? 0),
  );
  const firstFlags = u32(sync ? 0x2000000 : NON_SYNC);
  const trun = box('trun', u32(0x01000f05, durations.length, dataOffset), firstFlags, ...rows);
  const tfhd = box('tfhd', u32(0x20038, 1, 1024, 0, NON_SYNC));
  const traf = box('traf', tfhd, box('tfdt', u32(0x01000000), u64(tfdt)), trun);
  return box('moof', box('mfhd', u32(0, 1)), traf);
}

export interface InitSpec {
  timescale: number;
  /** Picture size; sound if absent. */
  size?: { width: number; height: number };
  editList?: boolean;
}

/** An init segment of one track: AVC High at level 3.1, or AAC-LC. */
export function initBytes({ timescale, size, editList = false }: InitSpec): Buffer {
  const dimensions = Buffer.alloc(4);
  dimensions.writeUInt16BE(size?.width ?? 0, 0);
  dimensions.writeUInt16BE(size?.height ?? 0, 2);
  const avcC = box('avcC', Buffer.from([1, 0x64, 0x00, 0x1f, 0xff]));
  const entry = size
    ? box('avc1', Buffer.alloc(24), dimensions, Buffer.alloc(50), avcC)
    : box('mp4a', Buffer.alloc(28));
  const stbl = box('stbl', box('stsd', u32(0, 1), entry));
  const mdia = box('mdia', box('mdhd', u32(0, 0, 0, timescale, 0)), box('minf', stbl));
  const edits = editList ? [box('edts', box('elst', u32(0, 0)))] : [];
  return Buffer.concat([box('ftyp', Buffer.from('iso5')), box('moov', box('trak', ...edits, mdia))]);
}
