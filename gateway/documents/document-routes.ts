import type { FastifyInstance } from 'fastify';
import { bindRoute } from '../../platform/rest/bind-route.js';
import { AppError } from '../../schema/errors.js';
import { docsFileRoute, docsPageRoute, openApiRoute } from '../../schema/rest/document-routes.js';
import { openApiDocument } from '../../schema/rest/openapi-document.js';
import { restRoutes } from '../../schema/rest/rest-routes.js';
import { docsPage, readDocsFile } from './docs-page.js';

const MAX_AGE_SECONDS = 3_600;

/** The OpenAPI document of all services, and a page that shows it. */
export function addDocumentRoutes(
  scope: FastifyInstance,
  deps: { publicGatewayUrl: string; publicStreamUrl: string },
): void {
  const document = openApiDocument(restRoutes, {
    gateway: deps.publicGatewayUrl,
    streamer: deps.publicStreamUrl,
  });
  const policy = contentPolicy(deps.publicStreamUrl);

  bindRoute(scope, openApiRoute, () => document);

  bindRoute(scope, docsPageRoute, ({ reply }) =>
    reply
      .headers({ 'content-security-policy': policy, 'referrer-policy': 'no-referrer' })
      .type('text/html; charset=utf-8')
      .send(docsPage),
  );

  bindRoute(scope, docsFileRoute, async ({ params, reply }) => {
    const file = await readDocsFile(params.file);
    if (!file) throw new AppError('NOT_FOUND');
    return reply
      .headers({ 'cache-control': `public, max-age=${MAX_AGE_SECONDS}`, 'x-content-type-options': 'nosniff' })
      .type(file.type)
      .send(file.body);
  });
}

/** Nothing but our own files, and requests to the two services that the document is of. */
const contentPolicy = (streamUrl: string): string =>
  [
    ...["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:"],
    `connect-src 'self' ${new URL(streamUrl).origin}`,
    ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
  ].join('; ');
