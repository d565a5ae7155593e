import { z } from 'zod';
import { VideoStatus } from '../enums.js';

/** A time: a Date here, RFC 3339 in UTC on the wire. */
export const dateTime = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});

export const count = z.int().nonnegative();
export const seconds = z.number().nonnegative();

export const videoStatus = z.enum(VideoStatus).meta({ id: 'VideoStatus' });

/** The path parameter of a video. What is no id is not there: nothing is refused for its form. */
export const videoParams = z.object({
  videoID: z.string().meta({ description: 'Id of a video.', examples: ['video_01h455vb4pex5vsknk084sn02q'] }),
});

export const projectParams = z.object({
  projectID: z
    .string()
    .meta({ description: 'Id of a project.', examples: ['project_01h455vb4pex5vsknk084sn02q'] }),
});

/** Of a body that is not JSON. */
export const text = z.string();
export const bytes = z.file();
