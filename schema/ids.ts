import { typeid, TypeID } from 'typeid-js';

/** Kinds of id: the prefix of each TypeID (they sort by creation time). */
export type IdPrefix =
  | 'org'
  | 'project'
  | 'video'
  | 'job'
  | 'captions'
  | 'key'
  | 'worker'
  | 'dead'
  | 'audit'
  | 'user'
  | 'member'
  | 'session'
  | 'invite'
  | 'jwk'
  | 'upload'
  | 'tus';

/** A new id such as `video_01h455vb4pex5vsknk084sn02q`. */
export const newId = (prefix: IdPrefix): string => typeid(prefix).toString();

/** Whether `text` is a well-formed id of this kind. */
export function isId(prefix: IdPrefix, text: string): boolean {
  // The parser throws, which costs as much as it takes to serve a segment.
  if (!text.startsWith(`${prefix}_`)) return false;
  try {
    TypeID.fromString(text, prefix);
    return true;
  } catch {
    return false;
  }
}
