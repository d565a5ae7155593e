import { z } from 'zod';

const onVideo = { videoId: z.string().max(100) };

/**
 * What may not be played any more: one playback that was begun, what a viewer was given until then, what anybody was
 * given of a video until then, or all that was sealed with a key.
 */
export const revocation = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('session'), ...onVideo, sessionId: z.string().max(100) }),
  z.object({ kind: z.literal('viewer'), viewerKey: z.string().max(100), issuedBefore: z.int() }),
  z.object({ kind: z.literal('video'), ...onVideo, belowEpoch: z.int() }),
  z.object({ kind: z.literal('key'), keyId: z.string().max(16) }),
]);
export type Revocation = z.infer<typeof revocation>;

/** What a revocation is about: a later one about the same takes its place. */
export function subjectOf(what: Revocation): string {
  switch (what.kind) {
    case 'session':
      return `session:${what.videoId}:${what.sessionId}`;
    case 'viewer':
      return `viewer:${what.viewerKey}`;
    case 'video':
      return `video:${what.videoId}`;
    case 'key':
      return `key:${what.keyId}`;
  }
}
