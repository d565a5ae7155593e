import type { Database } from '../../platform/mongo.js';
import { Video } from '../../schema/video.js';
import { type Caller, visibleVideos } from '../auth/caller.js';
import { type Page, pageOf, rowsToRead } from '../paging/page.js';
import type { VideosArgs } from './video-inputs.js';
import { conditionsOf, positionIn, sortOf } from './video-page.js';

/** Videos, as far as a caller may see them. */
export interface VideoStore {
  /** Undefined both where there is none and where it is not the caller's. */
  find(id: string, caller: Caller): Promise<Video | undefined>;
  page(args: VideosArgs, caller: Caller): Promise<Page<Video>>;
  /** The video with its new title; undefined where the caller sees none. */
  rename(id: string, title: string, caller: Caller): Promise<Video | undefined>;
}

export function createVideoStore(deps: { db: Database }): VideoStore {
  const videos = deps.db.model(Video);

  return {
    async find(id, caller) {
      const visible = visibleVideos(caller);
      if (!visible) return undefined;
      return (await videos.findOne({ $and: [{ _id: id }, visible] }).lean<Video>()) ?? undefined;
    },

    async page(args, caller) {
      const visible = visibleVideos(caller);
      const rows = visible
        ? await videos
            .find({ $and: [visible, ...conditionsOf(args)] })
            .sort(sortOf(args))
            .limit(rowsToRead(args))
            .lean<Video[]>()
        : [];
      return pageOf(rows, args, positionIn(args));
    },

    async rename(id, title, caller) {
      const visible = visibleVideos(caller);
      if (!visible) return undefined;
      const renamed = await videos
        .findOneAndUpdate({ $and: [{ _id: id }, visible] }, { $set: { title } }, { returnDocument: 'after' })
        .lean<Video>();
      return renamed ?? undefined;
    },
  };
}
