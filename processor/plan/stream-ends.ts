/** A packet as ffprobe sees it; times in seconds, NaN where the container does not tell. */
export interface Packet {
  streamIndex: number;
  pts: number;
  dts: number;
  duration: number;
}

/** What to ask ffprobe for, and how to read the lines it answers with `-of csv=p=0`. */
export const PACKET_ENTRIES = 'packet=stream_index,pts_time,dts_time,duration_time';

export function readPacket(line: string): Packet {
  const [streamIndex = NaN, pts = NaN, dts = NaN, duration = NaN] = line.split(',').map(Number.parseFloat);
  return { streamIndex, pts, dts, duration: duration || 0 };
}

interface Seen {
  shownUntil: number;
  /** A picture after the last one is decoded. */
  decodedUntil: number;
  /** Some packets tell when they are shown; some do not. */
  dated: boolean;
  undated: boolean;
}

export interface StreamEnds {
  see(packet: Packet): void;
  /** When each stream ends, seconds, by its index. */
  ends(): Map<number, number>;
}

/**
 * Finds the end of streams from their last packets, in any number of passes. MPEG-2 pictures that are
 * shown out of order may have no presentation time: then one is still to come when the last is decoded.
 */
export function createStreamEnds(): StreamEnds {
  const streams = new Map<number, Seen>();
  return {
    see({ streamIndex, pts, dts, duration }) {
      const dated = !Number.isNaN(pts);
      const at = dated ? pts : dts;
      if (Number.isNaN(at) || Number.isNaN(streamIndex)) return;
      const seen = streams.get(streamIndex);
      streams.set(streamIndex, {
        shownUntil: Math.max(at + duration, seen?.shownUntil ?? -Infinity),
        decodedUntil: Math.max(
          (Number.isNaN(dts) ? at : dts) + 2 * duration,
          seen?.decodedUntil ?? -Infinity,
        ),
        dated: dated || (seen?.dated ?? false),
        undated: !dated || (seen?.undated ?? false),
      });
    },
    ends: () =>
      new Map(
        [...streams].map(([index, { shownUntil, decodedUntil, dated, undated }]) => [
          index,
          dated && undated ? Math.max(shownUntil, decodedUntil) : shownUntil,
        ]),
      ),
  };
}
