import { type Box, boxAt, boxesAt, boxesIn, fieldsOf, malformed } from './boxes.js';

/** What one media segment says of itself, in ticks of its track's timescale. */
export interface SegmentInfo {
  /** How many movie fragments it has: one, if a player is to start anywhere. */
  fragments: number;
  /** Decoding time of the first sample. */
  tfdt: number;
  /** Frames or packets. */
  samples: number;
  /** Duration. */
  ticks: number;
  /** Duration of every sample; undefined if they differ. */
  sampleTicks?: number;
  /** Whether decoding can start with the first sample. */
  startsWithSync: boolean;
  /** Earliest presentation time. */
  minPts: number;
  /** Bytes from the start of the segment to the end of the first sample. */
  firstSampleEnd: number;
  /** Whether pictures carry closed captions (CEA-608 or CEA-708), as the encoder copies them from the source. */
  hasClosedCaptions: boolean;
}

/** How closed captions begin in the user data of a picture (ATSC A/53 part 4 section 6.2.3, ITU-T T.35). */
const CLOSED_CAPTIONS = Buffer.from([0xb5, 0x00, 0x31, ...Buffer.from('GA94'), 0x03]);

/** What an init segment says of its one track. */
export interface InitInfo {
  timescale: number;
  /** RFC 6381: `avc1.64001F`, `mp4a.40.2`. */
  codecs: string;
  hasEditList: boolean;
  /** Pixels; 0 for sound. */
  width: number;
  height: number;
}

interface Sample {
  ticks: number;
  bytes: number;
  sync: boolean;
  offset: number;
}

/** More than any segment has: a damaged count must not be believed. */
const MAX_SAMPLES = 100_000;
/** sample_is_non_sync_sample (ISO/IEC 14496-12 section 8.8.3.1). */
const NON_SYNC = 0x10000;

/** What a track fragment header says of its samples (section 8.8.7). */
interface TrackDefaults {
  /** Where offsets of data count from, if not from the start of the fragment. */
  base?: number;
  ticks?: number;
  bytes?: number;
  flags: number;
}

function trackDefaults(tfhd: Buffer): TrackDefaults {
  const fields = fieldsOf(tfhd);
  const present = fields.u32() & 0xffffff;
  fields.skip(4);
  const base = present & 0x01 ? fields.u64() : undefined;
  if (present & 0x02) fields.skip(4);
  const ticks = present & 0x08 ? fields.u32() : undefined;
  const bytes = present & 0x10 ? fields.u32() : undefined;
  return { base, ticks, bytes, flags: present & 0x20 ? fields.u32() : 0 };
}

/** Samples of a track run (section 8.8.8), and where their data begins. */
function readRun(trun: Buffer, defaults: TrackDefaults): { dataOffset: number; samples: Sample[] } {
  const fields = fieldsOf(trun);
  const head = fields.u32();
  const present = head & 0xffffff;
  const signed = head >>> 24 > 0;
  const count = fields.u32();
  if (count > MAX_SAMPLES) throw malformed('too many samples');
  const dataOffset = present & 0x01 ? fields.i32() : 0;
  const firstFlags = present & 0x04 ? fields.u32() : undefined;
  const samples = Array.from({ length: count }, (_, index) => {
    const ticks = present & 0x100 ? fields.u32() : defaults.ticks;
    const bytes = present & 0x200 ? fields.u32() : defaults.bytes;
    if (ticks === undefined || bytes === undefined) throw malformed('samples without a duration or a size');
    const own = present & 0x400 ? fields.u32() : defaults.flags;
    const flags = index === 0 && firstFlags !== undefined ? firstFlags : own;
    const offset = present & 0x800 ? (signed ? fields.i32() : fields.u32()) : 0;
    return { ticks, bytes, offset, sync: (flags & NON_SYNC) === 0 };
  });
  return { dataOffset, samples };
}

/** Samples of a movie fragment of one track, and where the data of the first one begins in the segment. */
function readFragment({ body, start }: Box): { dataStart: number; samples: Sample[] } {
  const traf = boxAt(body, ['traf']);
  const defaults = trackDefaults(boxAt(traf, ['tfhd']));
  const runs = boxesAt(traf, ['trun']).map((trun) => readRun(trun, defaults));
  return {
    dataStart: (defaults.base ?? start) + (runs[0]?.dataOffset ?? 0),
    samples: runs.flatMap(({ samples }) => samples),
  };
}

function baseTime(tfdt: Buffer): number {
  const fields = fieldsOf(tfdt);
  return fields.u32() >>> 24 ? fields.u64() : fields.u32();
}

/**
 * Reads a CMAF media segment of one track; undefined if there is no fragment in it, which is what FFmpeg
 * writes when its input broke off. Throws AppError INTERNAL for anything else.
 */
export function readSegment(bytes: Buffer): SegmentInfo | undefined {
  const moofs = boxesIn(bytes).filter(({ type }) => type === 'moof');
  const [first] = moofs;
  if (!first) return undefined;
  const fragments = moofs.map(readFragment);
  const samples = fragments.flatMap((fragment) => fragment.samples);
  const [sample] = samples;
  if (!sample) throw malformed('no samples');
  const firstSampleEnd = (fragments[0]?.dataStart ?? 0) + sample.bytes;
  if (firstSampleEnd <= first.start || firstSampleEnd > bytes.length)
    throw malformed('a sample outside of its segment');
  const tfdt = baseTime(boxAt(first.body, ['traf', 'tfdt']));
  let ticks = 0;
  let minPts = Infinity;
  for (const { ticks: length, offset } of samples) {
    minPts = Math.min(minPts, tfdt + ticks + offset);
    ticks += length;
  }
  const even = samples.every((other) => other.ticks === sample.ticks);
  return {
    ...{ fragments: moofs.length, tfdt, samples: samples.length, ticks, minPts },
    ...{ startsWithSync: sample.sync, firstSampleEnd },
    hasClosedCaptions: bytes.includes(CLOSED_CAPTIONS),
    ...(even ? { sampleTicks: sample.ticks } : {}),
  };
}

const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0');

/** RFC 6381 name and size from a sample description: AVC by its profile, constraints and level, or AAC-LC. */
function sampleEntry(stsd: Buffer): Pick<InitInfo, 'codecs' | 'width' | 'height'> {
  const [entry] = boxesIn(stsd.subarray(8));
  if (entry?.type === 'mp4a') return { codecs: 'mp4a.40.2', width: 0, height: 0 };
  if (entry?.type !== 'avc1') throw malformed('neither AVC nor AAC');
  const fields = fieldsOf(entry.body);
  fields.skip(24);
  const size = { width: fields.u16(), height: fields.u16() };
  const avcC = boxAt(entry.body.subarray(78), ['avcC']);
  if (avcC.length < 4) throw malformed('a short avcC');
  return { codecs: `avc1.${[...avcC.subarray(1, 4)].map(hex).join('')}`, ...size };
}

/** Reads an init segment of one track. Throws AppError INTERNAL for anything else. */
export function readInit(bytes: Buffer): InitInfo {
  const trak = boxAt(bytes, ['moov', 'trak']);
  const mdhd = fieldsOf(boxAt(trak, ['mdia', 'mdhd']));
  mdhd.skip(mdhd.u32() >>> 24 ? 16 : 8);
  return {
    timescale: mdhd.u32(),
    hasEditList: boxesAt(trak, ['edts', 'elst']).length > 0,
    ...sampleEntry(boxAt(trak, ['mdia', 'minf', 'stbl', 'stsd'])),
  };
}
