import { distinctNames, languageTag } from '../../platform/languages.js';
import { hlsFiles } from '../../schema/blob-paths.js';
import { CaptionsKind, type CaptionTrack } from '../../schema/captions.js';
import { audioProfile } from '../../schema/ladder.js';
import type { PlannedVideoTrack, TranscodePlan } from '../../schema/transcode-plan.js';
import { leadTrackNames } from '../plan/lead-tracks.js';
import { toNumber } from '../plan/rational.js';
import { audioNames } from './audio-names.js';
import {
  type Bandwidth,
  heaviest,
  measuredBandwidth,
  noBandwidth,
  promisedBandwidth,
  together,
} from './bandwidth.js';
import type { PublishedCaptions } from './caption-files.js';
import { hasNoClosedCaptions } from './closed-captions.js';
import { keyFrameBandwidth } from './iframe-playlist.js';
import { leadChunks, type PublishedPrefix } from './published-prefix.js';
import { sessionDataLines } from './session-data.js';

interface MasterOptions {
  videoId: string;
  plan: TranscodePlan;
  prefix: PublishedPrefix;
  ended: boolean;
  /** Published ones; none while the film grows. */
  captions?: Pick<PublishedCaptions, 'tracks' | 'bandwidth'>;
}

const AUDIO_GROUP = 'aud';
const CAPTIONS_GROUP = 'subs';

/** Of captions for people who cannot hear (HLS Authoring Specification for Apple Devices, 4.5). */
const FOR_DEAF =
  'public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound';

/** Every sound track has to name its language (HLS Authoring Specification, 8.10): this one is undetermined. */
const NO_LANGUAGE = 'und';

/** Players choose by language: among several tracks of one, only the first offers itself (RFC 8216, 4.3.4.1.1). */
function mediaLines({ audioTracks }: TranscodePlan): string[] {
  const names = audioNames(audioTracks);
  const tags = audioTracks.map(({ language }) => languageTag(language) ?? NO_LANGUAGE);
  return audioTracks.map((track, index) => {
    const tag = tags[index] ?? NO_LANGUAGE;
    const attributes = [
      'TYPE=AUDIO',
      `GROUP-ID="${AUDIO_GROUP}"`,
      `NAME="${names[index] ?? track.name}"`,
      `LANGUAGE="${tag}"`,
      `DEFAULT=${index === 0 ? 'YES' : 'NO'}`,
      `AUTOSELECT=${tags.indexOf(tag) === index ? 'YES' : 'NO'}`,
      `CHANNELS="${audioProfile.channels}"`,
      `URI="${hlsFiles.media(track.name)}"`,
    ];
    return `#EXT-X-MEDIA:${attributes.join(',')}`;
  });
}

function captionLines(captions: readonly CaptionTrack[]): string[] {
  const names = distinctNames(captions.map(({ label }) => label));
  return captions.map(({ id, language, kind, isDefault }, index) => {
    const attributes = [
      'TYPE=SUBTITLES',
      `GROUP-ID="${CAPTIONS_GROUP}"`,
      `NAME="${names[index]}"`,
      `LANGUAGE="${language}"`,
      `DEFAULT=${isDefault ? 'YES' : 'NO'}`,
      'AUTOSELECT=YES',
      `FORCED=${kind === CaptionsKind.FORCED ? 'YES' : 'NO'}`,
      ...(kind === CaptionsKind.CAPTIONS ? [`CHARACTERISTICS="${FOR_DEAF}"`] : []),
      `URI="${hlsFiles.media(id)}"`,
    ];
    return `#EXT-X-MEDIA:${attributes.join(',')}`;
  });
}

/**
 * Players look for closed captions in the pictures, and offer them, unless they are told that there are none: of a film
 * that still grows nobody knows, and which channels there are has nobody looked at.
 */
const captionsAttributes = ({ plan, prefix, ended, captions }: MasterOptions): string[] => [
  ...(captions?.tracks.length ? [`SUBTITLES="${CAPTIONS_GROUP}"`] : []),
  ...(ended && hasNoClosedCaptions(plan, prefix) ? ['CLOSED-CAPTIONS=NONE'] : []),
];

const bandwidthAttributes = ({ peakBps, averageBps }: Bandwidth): string[] => [
  `BANDWIDTH=${peakBps}`,
  `AVERAGE-BANDWIDTH=${averageBps}`,
];

/** Of a rendition with the heaviest sound and captions that can be played with it. */
function streamBandwidth(options: MasterOptions, track: PlannedVideoTrack | undefined): Bandwidth {
  const { plan, prefix, ended, captions } = options;
  if (!ended) return promisedBandwidth(track);
  const measured = (name: string): Bandwidth => measuredBandwidth(plan, prefix.get(name) ?? []);
  return together([
    ...(track ? [measured(track.name)] : []),
    heaviest(plan.audioTracks.map(({ name }) => measured(name))),
    captions?.bandwidth ?? noBandwidth,
  ]);
}

const resolution = ({ encodedWidth, encodedHeight }: PlannedVideoTrack): string =>
  `RESOLUTION=${encodedWidth}x${encodedHeight}`;

function streamLines(options: MasterOptions, track: PlannedVideoTrack): string[] {
  const { plan, prefix } = options;
  const hasSound = plan.audioTracks.length > 0;
  const codecs = [prefix.get(track.name)?.[0]?.track.codecs, ...(hasSound ? [audioProfile.codecs] : [])];
  const attributes = [
    ...bandwidthAttributes(streamBandwidth(options, track)),
    `CODECS="${codecs.join(',')}"`,
    resolution(track),
    `FRAME-RATE=${toNumber(plan.frameRate).toFixed(3)}`,
    ...(hasSound ? [`AUDIO="${AUDIO_GROUP}"`] : []),
    ...captionsAttributes(options),
  ];
  return [`#EXT-X-STREAM-INF:${attributes.join(',')}`, hlsFiles.media(track.name)];
}

function soundOnlyLines(options: MasterOptions): string[] {
  const [first, ...others] = options.plan.audioTracks;
  if (!first) return [];
  const attributes = [
    ...bandwidthAttributes(streamBandwidth(options, undefined)),
    `CODECS="${audioProfile.codecs}"`,
    ...(others.length ? [`AUDIO="${AUDIO_GROUP}"`] : []),
    ...captionsAttributes(options),
  ];
  return [`#EXT-X-STREAM-INF:${attributes.join(',')}`, hlsFiles.media(first.name)];
}

/** The I-frame playlist of a rendition (RFC 8216 section 4.3.4.3), if it has one. */
function iframeLines({ plan, prefix }: MasterOptions, track: PlannedVideoTrack): string[] {
  const chunks = prefix.get(track.name) ?? [];
  const bandwidth = keyFrameBandwidth(plan, chunks);
  if (!bandwidth) return [];
  const attributes = [
    ...bandwidthAttributes(bandwidth),
    `CODECS="${chunks[0]?.track.codecs}"`,
    resolution(track),
    `URI="${hlsFiles.iframes(track.name)}"`,
  ];
  return [`#EXT-X-I-FRAME-STREAM-INF:${attributes.join(',')}`];
}

/** The best rendition that starts playback comes first: players that have measured nothing begin with it. */
function startFirst(plan: TranscodePlan, tracks: PlannedVideoTrack[]): PlannedVideoTrack[] {
  const lead = leadTrackNames(plan);
  const first = tracks.find(({ name }) => lead.includes(name));
  return first ? [first, ...tracks.filter((track) => track !== first)] : tracks;
}

/**
 * The master playlist (RFC 8216 section 4.3.4), URIs relative to it; undefined while nothing can be
 * played. While the film grows it lists the renditions that are as far as the ones that lead; once it
 * has `ended`, all of them with their measured bandwidths, and their I-frame playlists.
 */
export function masterPlaylist(options: MasterOptions): string | undefined {
  const { videoId, plan, prefix, ended } = options;
  const playable = leadChunks(plan, prefix);
  if (playable === 0) return undefined;
  const ready = plan.videoTracks.filter(({ name }) => (prefix.get(name)?.length ?? 0) >= playable);
  const alternatives = plan.videoTracks.length > 0 || plan.audioTracks.length > 1;
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...sessionDataLines(videoId, plan, ended),
    ...(alternatives ? mediaLines(plan) : []),
    ...captionLines(options.captions?.tracks ?? []),
    ...startFirst(plan, ready).flatMap((track) => streamLines(options, track)),
    ...(plan.videoTracks.length ? [] : soundOnlyLines(options)),
    ...(ended ? ready.flatMap((track) => iframeLines(options, track)) : []),
    '',
  ].join('\n');
}
