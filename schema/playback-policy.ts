export const PlaybackPolicy = { SIGNED: 'SIGNED', PUBLIC: 'PUBLIC' } as const;
export type PlaybackPolicy = (typeof PlaybackPolicy)[keyof typeof PlaybackPolicy];

/** Whether everybody may play the videos of a project. */
export const isPublic = ({ playbackPolicy }: { playbackPolicy?: PlaybackPolicy }): boolean =>
  playbackPolicy === PlaybackPolicy.PUBLIC;
