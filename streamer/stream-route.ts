import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { streamRoute } from '../schema/rest/playback-routes.js';
import { inPieces, PIECE_BYTES } from './in-pieces.js';
import type { StreamAnswers } from './stream-answers.js';
import type { FilePart, StreamRequest } from './stream-request.js';

/** Published files for connections that Node's own HTTP server has: those that are not served directly. */
export function addStreamRoute(app: FastifyInstance, answers: StreamAnswers): void {
  app.route({
    method: [...streamRoute.methods],
    url: streamRoute.path,
    async handler(request, reply) {
      const asked = toStreamRequest(request, reply);
      const answer = await answers(asked);
      if (!answer || reply.raw.destroyed) return reply.hijack();
      const { status, headers, body } = answer;
      reply.code(status).headers(headers);
      return reply.send(body === undefined || Buffer.isBuffer(body) ? body : bytesOf(asked, body));
    },
  });
}

/** What is opened of it is seen in Fastify's request as well, where its hooks look. */
const toStreamRequest = (request: FastifyRequest, { raw }: FastifyReply): StreamRequest => ({
  ...{ id: request.id, method: request.method, url: request.raw.url ?? '', headers: request.headers },
  ...{ address: request.ip, receiver: raw },
  get streaming() {
    return request.streaming;
  },
  set streaming(streaming) {
    request.streaming = streaming;
  },
});

/** Of what is still on its way from storage, each piece is sent as it comes. */
function bytesOf({ streaming, method }: StreamRequest, part: FilePart) {
  const { file, range } = part;
  if (method === 'HEAD') return Buffer.alloc(0);
  if (!file.arriving && range.end + 1 - range.start <= PIECE_BYTES)
    return file.body.bytes(range.start, range.end + 1);
  const pieces = inPieces(part, (taken) => {
    if (streaming) streaming.taken = taken;
  });
  // Nothing is read ahead.
  return Readable.from(pieces, { objectMode: false, highWaterMark: 0 });
}
