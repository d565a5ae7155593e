/** What all players are driven by: each page defines `engine` before, and has one video element. */
const TAG_CELLS = 16;
const video = document.querySelector('video');
const canvas = new OffscreenCanvas(TAG_CELLS, 1);
const context = canvas.getContext('2d', { willReadFrequently: true });
const errors = [];
let failing;
/** Times of the pictures that were shown, seconds. */
const shownTimes = [];

/** Resolves once `holds`, asked now and at each of these events of the video. */
function until(events, holds) {
  return new Promise((resolve) => {
    const look = () => {
      if (!holds()) return;
      for (const event of events) video.removeEventListener(event, look);
      resolve();
    };
    for (const event of events) video.addEventListener(event, look);
    look();
  });
}

/** Number of the picture that is shown, read from the cells along its upper edge. */
function shownTag() {
  context.drawImage(video, 0, 0, video.videoWidth, video.videoHeight / 8, 0, 0, TAG_CELLS, 1);
  const { data } = context.getImageData(0, 0, TAG_CELLS, 1);
  return Array.from({ length: TAG_CELLS }, (_, cell) => (data[4 * cell] > 110 ? 1 << cell : 0)).reduce(
    (tag, bit) => tag | bit,
  );
}

function noteShown(_now, { mediaTime }) {
  shownTimes.push(mediaTime);
  video.dispatchEvent(new window.Event('shown'));
  video.requestVideoFrameCallback(noteShown);
}
video.requestVideoFrameCallback(noteShown);

/** Whether it plays is seen by its time: a renewal may come between. */
const play = () =>
  video.play().catch((error) => {
    if (error.name !== 'AbortError') throw error;
  });

const state = () => ({
  errors,
  time: video.currentTime,
  height: video.videoHeight,
  buffered: Array.from({ length: video.buffered.length }, (_, n) => [
    video.buffered.start(n),
    video.buffered.end(n),
  ]),
  shownTimes,
});

window.player = {
  state,
  /** Resolves when the first picture moves, and was told of: on a busy machine its time may run before. */
  async play(url, rate) {
    await engine.load(url);
    await play();
    video.playbackRate = rate;
    await until(['timeupdate', 'shown'], () => video.currentTime > 0 && shownTimes.length > 0);
  },
  /** Resolves to the number of the picture shown at this time, seconds. */
  async seek(seconds) {
    const shown = new Promise((resolve) => {
      const look = (_, { mediaTime }) => {
        if (Math.abs(mediaTime - seconds) < 0.1) resolve(shownTag());
        else video.requestVideoFrameCallback(look);
      };
      video.requestVideoFrameCallback(look);
    });
    video.pause();
    video.currentTime = seconds;
    await until(['seeked'], () => !video.seeking);
    return shown;
  },
  /** Loads on in the rendition of this height. */
  choose: (height) => engine.choose(height),
  /** Plays on in the rendition of this height; resolves when it is shown. */
  async switchTo(height) {
    // What is held is given up: on a busy machine the film would be over before the rest is there.
    video.pause();
    await engine.choose(height);
    await play();
    await until(['resize', 'timeupdate'], () => video.videoHeight === height);
  },
  showCaptions: (language) => engine.showCaptions(language),
  async playToEnd() {
    if (video.paused && !video.ended) await play();
    await until(['ended'], () => video.ended);
    return state();
  },
  async playDry() {
    await until(['waiting', 'timeupdate'], () => !video.paused && video.readyState < video.HAVE_FUTURE_DATA);
  },
  storyboard: () => engine.storyboard,
  report: (startupMs) => engine.report(startupMs),
  /** From now on the page is asked for a fresh URL where one has expired. */
  async renew() {
    const hook = await import('/renew.js');
    failing = new Promise((resolve) =>
      engine.renew(hook, window.freshUrl, (error) => resolve(String(error.message || error.code))),
    );
  },
  /** Resolves with what has kept it from renewing. */
  failure: () => failing,
};
