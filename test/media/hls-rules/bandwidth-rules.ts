import { type Playlist, type Segment, segmentsOf } from './playlist-text.js';
import {
  AUTHORING,
  type Finding,
  groupOf,
  type Media,
  ofKind,
  type Presentation,
  RFC,
  type Rule,
  variants,
} from './presentation.js';
import { numberOf } from './syntax-rules.js';

/** How far a declared bit rate may be from the measured one. */
const WITHIN = 0.1;

interface Rates {
  peak: number;
  average: number;
}

const bitsOf = ({ sizes }: Presentation, { file, range }: Segment): number =>
  8 * (range?.length ?? sizes.get(file) ?? NaN);

/** Segment bit rates of a playlist (RFC 8216 section 4.1), from its EXTINFs and the sizes of its files. */
function ratesOf(presentation: Presentation, playlist: Playlist): Rates {
  const segments = segmentsOf(playlist);
  const target = numberOf(playlist, 'EXT-X-TARGETDURATION');
  const bits = (from: number, to: number): number =>
    segments.slice(from, to).reduce((sum, segment) => sum + bitsOf(presentation, segment), 0);
  const seconds = (from: number, to: number): number =>
    segments.slice(from, to).reduce((sum, segment) => sum + segment.seconds, 0);
  const average = bits(0, segments.length) / seconds(0, segments.length);
  let peak = 0;
  for (let from = 0; from < segments.length; from += 1) {
    for (let to = from + 1; to <= segments.length; to += 1) {
      const length = seconds(from, to);
      if (length > 1.5 * target) break;
      if (length >= 0.5 * target) peak = Math.max(peak, bits(from, to) / length);
    }
  }
  return { peak: peak || average, average };
}

/** Of a variant with the heaviest of each group that is played with it. */
function combined(presentation: Presentation, variant: Media): Rates {
  const own = ratesOf(presentation, variant.playlist);
  const groups = (['AUDIO', 'SUBTITLES'] as const).map((type) => groupOf(presentation, variant, type));
  for (const group of groups) {
    const others = group
      .filter(({ playlist }) => playlist.path !== variant.playlist.path)
      .map(({ playlist }) => ratesOf(presentation, playlist));
    own.peak += Math.max(0, ...others.map(({ peak }) => peak));
    own.average += Math.max(0, ...others.map(({ average }) => average));
  }
  return own;
}

function wrongRate(
  presentation: Presentation,
  { tag }: Media,
  attribute: string,
  measured: number,
): Finding[] {
  const declared = Number(tag.attributes.get(attribute));
  // EXTINF is rounded to a millionth of a second.
  const isRight = declared >= measured * 0.99999 && measured >= declared * (1 - WITHIN);
  return isRight
    ? []
    : [
        {
          path: presentation.master.path,
          line: tag.line,
          problem: `${attribute} ${declared}, not ${measured}`,
        },
      ];
}

/** Bit rates that the master says, against those of the files. */
export const bandwidthRules: readonly Rule[] = [
  {
    name: 'BANDWIDTH is the peak of the heaviest combination',
    source: `${AUTHORING} 1.27, 9.13`,
    check: (presentation) =>
      variants(presentation).flatMap((variant) =>
        wrongRate(presentation, variant, 'BANDWIDTH', combined(presentation, variant).peak),
      ),
  },
  {
    name: 'AVERAGE-BANDWIDTH is the average of the heaviest combination',
    source: `${AUTHORING} 1.26, 9.14`,
    check: (presentation) =>
      variants(presentation).flatMap((variant) =>
        wrongRate(presentation, variant, 'AVERAGE-BANDWIDTH', combined(presentation, variant).average),
      ),
  },
  {
    name: 'BANDWIDTH of I-frame playlists is that of their ranges',
    source: `${AUTHORING} 6.9, ${RFC} 4.3.4.3`,
    check: (presentation) =>
      ofKind(presentation, 'iframes').flatMap((iframes) => {
        const { peak, average } = ratesOf(presentation, iframes.playlist);
        return [
          ...wrongRate(presentation, iframes, 'BANDWIDTH', peak),
          ...wrongRate(presentation, iframes, 'AVERAGE-BANDWIDTH', average),
        ];
      }),
  },
];
