import { which } from './exec.mjs';

/** The players of `npm run test:players`, from the system's packages. */
export const desktopPlayers = [
  { packages: ['mpv'], brew: ['mpv'], need: 'mpv', isThere: () => Boolean(which('mpv')) },
  {
    packages: ['vlc-bin', 'vlc-plugin-base'],
    brew: ['--cask vlc'],
    need: 'VLC (cvlc)',
    isThere: () => Boolean(which('cvlc')),
  },
  {
    packages: [
      'gstreamer1.0-tools',
      'gstreamer1.0-libav',
      ...['base', 'good', 'bad', 'base-apps'].map((name) => `gstreamer1.0-plugins-${name}`),
    ],
    brew: ['gstreamer'],
    need: 'GStreamer (gst-launch-1.0, gst-play-1.0)',
    isThere: () => Boolean(which('gst-launch-1.0') && which('gst-play-1.0')),
  },
];
