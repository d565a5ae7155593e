/**
 * Goes on playing when a playback URL has expired: where the streamer answers 403, a fresh URL is asked for, loaded,
 * and played from the same position. For hls.js, Shaka Player, Video.js, and browsers that play HLS themselves. Needs
 * nothing else: import it from the streamer (`/player/renew.js`) or copy it.
 *
 * Each function takes the player, `getUrl`, which resolves to a fresh playback URL, and optionally `onFail`, which gets
 * an Error where `getUrl` rejects or what it gives is refused too. Each returns a Renewal.
 */

/** So many fresh URLs in a row may be refused. */
const MAX_IN_VAIN = 2;

const FORBIDDEN = 403;

/** hls.js. Its levels, and the languages that were chosen, stay chosen. */
export function renewHls(hls, getUrl, onFail) {
  const renewal = createRenewal({
    getUrl,
    onFail,
    mediaOf: () => hls.media,
    load(url, at, media) {
      const { config } = hls;
      const chosen = hls.levels[hls.manualLevel];
      config.audioPreference = hls.audioTracks[hls.audioTrack] ?? config.audioPreference;
      config.subtitlePreference = hls.subtitleTracks[hls.subtitleTrack] ?? config.subtitlePreference;
      config.startPosition = at;
      // The same URL again (one that does not expire) would otherwise be appended to what is there.
      hls.detachMedia();
      hls.loadSource(url);
      hls.attachMedia(media);
      if (chosen) hls.once('hlsManifestParsed', () => (hls.loadLevel = indexLike(hls.levels, chosen)));
    },
  });
  hls.on('hlsError', (_name, { response }) => {
    if (response?.code === FORBIDDEN) void renewal.renew();
  });
  return renewal;
}

const indexLike = (levels, { height, bitrate }) =>
  levels.findIndex((level) => level.height === height && level.bitrate === bitrate);

/** Shaka Player. */
export function renewShaka(player, getUrl, onFail) {
  const BAD_HTTP_STATUS = 1001;
  const renewal = createRenewal({
    getUrl,
    onFail,
    mediaOf: () => player.getMediaElement(),
    // While it waits for data, that of its element is 0.
    rateOf: () => player.getPlaybackRate(),
    load: (url, at) => player.load(url, at),
  });
  player.addEventListener('error', ({ detail: { code, data } }) => {
    if (code === BAD_HTTP_STATUS && data[1] === FORBIDDEN) void renewal.renew();
  });
  return renewal;
}

/** Video.js, where its own HLS engine plays (`html5.vhs.overrideNative`). */
export function renewVideojs(player, getUrl, onFail) {
  const engine = () => player.tech(true)?.vhs;
  const renewal = createRenewal({
    getUrl,
    onFail,
    mediaOf: () => player.tech(true).el(),
    load(url, at) {
      // Its first picture is that one; of a film that grows the engine would begin at the start all the same.
      player.one('loadstart', () => (player.tech(true).el().currentTime = at));
      player.one('loadedmetadata', () => player.currentTime(at));
      // Then there is the engine of this source, and what the one before is still told counts no more.
      const begun = new Promise((resolve) => player.one(['xhr-hooks-ready', 'error'], resolve));
      player.src({ src: url, type: 'application/x-mpegURL' });
      return begun;
    },
    play: () => player.play(),
  });
  // Every source has an engine of its own.
  const watch = () => {
    const watched = engine();
    watched.xhr.onResponse((_request, _error, response) => {
      if (response.statusCode === FORBIDDEN && engine() === watched) void renewal.renew();
    });
  };
  if (engine()) watch();
  player.on('xhr-hooks-ready', watch);
  return renewal;
}

/** A media element that plays HLS itself. It does not tell why it fails, so each failure of the network counts. */
export function renewNative(media, getUrl, onFail) {
  const renewal = createRenewal({
    getUrl,
    onFail,
    mediaOf: () => media,
    load(url, at) {
      media.addEventListener('loadedmetadata', () => (media.currentTime = at), { once: true });
      media.src = url;
    },
  });
  media.addEventListener('error', () => {
    if (media.error.code !== media.error.MEDIA_ERR_DECODE) void renewal.renew();
  });
  return renewal;
}

/** What all players have in common: one renewal at a time, and an end to those in vain. */
function createRenewal(player) {
  const { getUrl, onFail = () => {}, mediaOf, load } = player;
  const { rateOf = (media) => media.playbackRate, play = (media) => media.play() } = player;
  let isRenewing = false;
  let inVain = 0;

  async function loadFresh() {
    if (inVain === MAX_IN_VAIN) throw new Error('Fresh URLs are refused too.');
    inVain += 1;
    const media = mediaOf();
    const url = await getUrl();
    // What is buffered has played on meanwhile, and would until the player lets go of it.
    const { currentTime, paused } = media;
    const rate = rateOf(media);
    media.pause();
    const hasLoaded = () => {
      inVain = 0;
      media.playbackRate = rate;
    };
    media.addEventListener('loadeddata', hasLoaded, { once: true });
    await load(url, currentTime, media);
    // A rejection tells of an end that the player tells of itself, or of the next load.
    if (!paused) play(media)?.catch(() => {});
  }

  return {
    /** Renews now, unless that is under way. */
    async renew() {
      if (isRenewing) return;
      isRenewing = true;
      try {
        await loadFresh();
      } catch (error) {
        inVain = 0;
        onFail(error);
      } finally {
        isRenewing = false;
      }
    },
  };
}
