/** The player of the page `/embed/<video id>`. What it says to the page around it is in docs/playing.md. */
import Hls from './hls.mjs';
import { renewHls, renewNative } from './renew.js';

/** The page around has so long to bring a fresh URL: milliseconds. */
const RENEWAL_TIMEOUT_MS = 10_000;

const video = document.querySelector('video');
const notice = document.querySelector('[role=alert]');
const message = notice.querySelector('p');
const retry = notice.querySelector('button');
const { videoId, start, source, expires } = video.dataset;
const origin = new URL(source).origin;
const isFramed = window.parent !== window;

const texts = {
  unsupported: 'This browser cannot play this video.',
  failed: 'The video could not be loaded.',
  damaged: 'The video could not be played.',
  expired: 'The link to this video has expired.',
};

function tell(event, details = {}) {
  // Any page may be around this one, and what it is told is no secret.
  if (isFramed) window.parent.postMessage({ type: `stream-plus:${event}`, videoId, ...details }, '*');
}

function fail(reason, tryAgain) {
  message.textContent = texts[reason];
  retry.hidden = !tryAgain;
  retry.onclick = () => {
    notice.hidden = true;
    video.focus();
    tryAgain();
  };
  notice.hidden = false;
  tell('error', { reason, message: texts[reason] });
}

for (const event of ['play', 'pause', 'ended'])
  video.addEventListener(event, () => tell(event, { timeSeconds: video.currentTime }));
video.addEventListener('loadedmetadata', () => tell('ready', { durationSeconds: video.duration }), {
  once: true,
});
video.addEventListener('playing', () => (notice.hidden = true));

/** A fresh URL from the page around; the one there is where that does not expire. */
function freshUrl() {
  if (expires === undefined) return Promise.resolve(source);
  if (!isFramed) return Promise.reject(new Error('There is no page that could bring one.'));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => end(reject, new Error('No fresh URL came.')), RENEWAL_TIMEOUT_MS);
    const listen = ({ source: sender, data }) => {
      if (sender !== window.parent || data?.type !== 'stream-plus:renew') return;
      if (URL.parse(data.url)?.origin === origin) end(resolve, data.url);
    };
    const end = (settle, value) => {
      clearTimeout(timer);
      window.removeEventListener('message', listen);
      settle(value);
    };
    window.addEventListener('message', listen);
    tell('expired', { timeSeconds: video.currentTime });
  });
}

function playWithHls() {
  const hls = new Hls({ enableWorker: false, startPosition: Number(start ?? -1) });
  const renewal = renewHls(hls, freshUrl, () => fail('expired', () => renewal.renew()));
  let hasRecovered = false;
  hls.on(Hls.Events.ERROR, (_event, { fatal, type, response }) => {
    if (!fatal || response?.code === 403) return;
    if (type === Hls.ErrorTypes.NETWORK_ERROR) return fail('failed', () => loadAgain(hls));
    if (type !== Hls.ErrorTypes.MEDIA_ERROR || hasRecovered) return fail('damaged');
    hasRecovered = true;
    hls.recoverMediaError();
  });
  hls.loadSource(source);
  hls.attachMedia(video);
}

const loadAgain = (hls) => (hls.levels.length > 0 ? hls.startLoad() : hls.loadSource(hls.url));

function playNatively() {
  const renewal = renewNative(video, freshUrl, () => fail('expired', () => renewal.renew()));
  video.addEventListener('error', () => video.error.code === MediaError.MEDIA_ERR_DECODE && fail('damaged'));
  video.addEventListener('loadedmetadata', () => (video.currentTime = Number(start ?? 0)), { once: true });
  video.src = source;
}

if (Hls.isSupported()) playWithHls();
else if (video.canPlayType('application/vnd.apple.mpegurl')) playNatively();
else fail('unsupported');
