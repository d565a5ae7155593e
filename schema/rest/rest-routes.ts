import { adminStatsRoute, stopVideoRoute } from './admin-routes.js';
import { docsFileRoute, docsPageRoute, openApiRoute } from './document-routes.js';
import { embedRoute, oembedRoute, playerFileRoute } from './embed-routes.js';
import { healthRoute, metricsRoute, readinessRoute } from './health-routes.js';
import { streamRoute, videoRoute } from './playback-routes.js';
import type { RestRoute } from './rest-route.js';
import { signInCallbackRoute, signingKeysRoute, signInStartRoute } from './sign-in-routes.js';
import { streamEventsRoute } from './stream-event-routes.js';
import {
  beginUploadRoute,
  endUploadRoute,
  overrideUploadRoute,
  readUploadRoute,
  writeUploadRoute,
} from './tus-routes.js';
import { reprocessRoute, uploadRoute } from './upload-routes.js';

/** Every call of the REST interface, in the order of the document. */
export const restRoutes: readonly RestRoute[] = [
  uploadRoute,
  reprocessRoute,
  beginUploadRoute,
  readUploadRoute,
  writeUploadRoute,
  endUploadRoute,
  overrideUploadRoute,
  videoRoute,
  streamRoute,
  streamEventsRoute,
  embedRoute,
  oembedRoute,
  playerFileRoute,
  adminStatsRoute,
  stopVideoRoute,
  signingKeysRoute,
  signInStartRoute,
  signInCallbackRoute,
  healthRoute,
  readinessRoute,
  metricsRoute,
  openApiRoute,
  docsPageRoute,
  docsFileRoute,
];
