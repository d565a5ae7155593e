/** The demuxers a source may use: never playlists, scripts or image sequences, which name other files. */
const FORMATS = 'mov,matroska,webm,mpegts,avi,flv,mpeg,mpegvideo,ogg,mp3,wav,flac,aac,asf';

/** What every read of a source is held to. */
export interface InputLimits {
  /** Largest picture decoded, pixels. */
  maxPixels: number;
  /** Most streams a file may have. */
  maxStreams: number;
}

/** Survives a closed connection, a stall of 15 s (microseconds here), 5xx and 429; gives up within seconds. */
const HTTP_OPTIONS = [
  ['-rw_timeout', '15000000'],
  ['-reconnect', '1'],
  ['-reconnect_on_network_error', '1'],
  ['-reconnect_on_http_error', '5xx,429'],
  ['-reconnect_delay_max', '4'],
].flat();

/**
 * Options before `-i` that keep FFmpeg and ffprobe to this one source: protocols, demuxers, sizes.
 * A list of protocols alone does not stop a playlist that calls itself film.mp4; the list of formats does.
 */
export function inputOptions(source: string, limits: InputLimits): string[] {
  const bounds = ['-format_whitelist', FORMATS, '-max_streams', String(limits.maxStreams)];
  if (/^http:/i.test(source)) return ['-protocol_whitelist', 'http,tcp', ...bounds, ...HTTP_OPTIONS];
  return ['-protocol_whitelist', 'file', ...bounds];
}
