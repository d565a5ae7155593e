import type { FastifyRequest } from 'fastify';
import { PassThrough, Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { AppError } from '../../../schema/errors.js';

/** A header that is there once. */
export const headerOf = ({ headers }: FastifyRequest, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
};

/** What is meant: a POST may stand for a method that its sender cannot send. */
export const methodOf = (request: FastifyRequest): string =>
  (request.method === 'POST' && headerOf(request, 'x-http-method-override')) || request.method;

/** The request as the tus server takes it. Its sender's connection stays ours, whatever becomes of the body. */
export function toWebRequest(request: FastifyRequest): { webRequest: Request; release: () => void } {
  const { raw } = request;
  const method = methodOf(request);
  if (method !== 'PATCH' && method !== 'POST')
    return {
      webRequest: new Request(urlOf(request), { method, headers: headersOf(request) }),
      release: () => undefined,
    };
  const body = new PassThrough();
  const breakOff = () => void body.destroy(new AppError('UPLOAD_ABORTED'));
  raw.once('close', () => raw.readableEnded || breakOff());
  raw.pipe(body);
  return {
    webRequest: new Request(urlOf(request), {
      ...{ method, headers: headersOf(request), duplex: 'half' },
      body: Readable.toWeb(body) as ReadableStream<Uint8Array>,
    }),
    release() {
      raw.unpipe(body);
      body.destroy();
    },
  };
}

const urlOf = ({ url }: FastifyRequest): string => new URL(url, 'http://gateway').href;

const headersOf = ({ headers }: FastifyRequest): Headers =>
  new Headers(
    Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' ? [[name, value]] : [],
    ),
  );
