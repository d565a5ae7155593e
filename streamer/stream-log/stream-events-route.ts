import type { FastifyInstance } from 'fastify';
import { bindRoute } from '../../platform/rest/bind-route.js';
import { takeJsonBodies } from '../../platform/rest/json-bodies.js';
import type { OpenedClaims, Tokens } from '../../platform/tokens.js';
import { hlsFiles } from '../../schema/blob-paths.js';
import { AppError } from '../../schema/errors.js';
import { type StreamEvents, streamEventsRoute } from '../../schema/rest/stream-event-routes.js';
import { type Admission, type PublicAccess, viewerOf } from '../admission.js';
import { parseStreamTarget, STREAM_PATH } from '../stream-target.js';
import type { EventRates } from './event-rates.js';
import type { SessionLog } from './session-log.js';
import type { PlayerReport } from './viewing.js';

interface EventDeps {
  tokens: Pick<Tokens, 'open'>;
  publicVideos: Pick<PublicAccess, 'open'>;
  admission: Admission;
  sessions: Pick<SessionLog, 'reported'>;
  rates: EventRates;
}

/** A playback URL has some hundred characters, a report a few numbers beside it. */
const MAX_BODY_BYTES = 8_192;

/** `POST /stream-events`: what a player says of a session, into the stream log. */
export function addStreamEventsRoute(app: FastifyInstance, deps: EventDeps): void {
  app.register((scope, _options, done) => {
    takeJsonBodies(scope, { types: ['application/json', 'text/plain'], maxBytes: MAX_BODY_BYTES });
    scope.addHook('onRequest', (request, _reply, next) => {
      deps.rates.take(request.ip);
      next();
    });
    bindRoute(scope, streamEventsRoute, async ({ body, request, reply }) => {
      if (!body) throw new AppError('BAD_USER_INPUT', { field: 'body', message: 'The body is missing.' });
      const viewer = viewerOf(request);
      const playback = await claimsOf(deps, body.playback);
      if (!playback || !deps.admission.admits(playback, hlsFiles.master, viewer))
        throw new AppError('FORBIDDEN');
      const cmcd = body.sid === undefined ? undefined : { sid: body.sid };
      const userAgent = request.headers['user-agent'];
      deps.sessions.reported({ ...viewer, playback, userAgent, cmcd }, reportOf(body));
      return reply.send();
    });
    done();
  });
}

const DATABASE_WAIT_MS = 5_000;

/** Of a URL of ours, wherever it is reached, or of the token alone. */
async function claimsOf(
  { tokens, publicVideos }: EventDeps,
  playback: string,
): Promise<OpenedClaims | undefined> {
  const at = playback.indexOf(STREAM_PATH);
  if (at === -1) return tokens.open(playback, 'entry') ?? tokens.open(playback, 'media');
  const target = parseStreamTarget(playback.slice(at));
  if (target?.isPublic) return publicVideos.open(target, AbortSignal.timeout(DATABASE_WAIT_MS));
  return target && tokens.open(target.token, target.purpose);
}

const reportOf = ({ msd, bsa, bsda, playedMs, switches, ec }: StreamEvents): PlayerReport => ({
  ...{ startupMs: msd, rebuffers: bsa, rebufferMs: bsda, playedMs, switches },
  errorCode: Array.isArray(ec) ? ec.at(-1) : ec,
});
