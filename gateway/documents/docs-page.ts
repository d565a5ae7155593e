import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

/** Scripts and styles stand in files of their own: the page allows none within it. */
export const docsPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Stream Plus: REST interface</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="docs/swagger-ui.css">
    <link rel="stylesheet" href="docs/page.css">
  </head>
  <body>
    <div id="document"></div>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/page.js"></script>
  </body>
</html>
`;

// Without a validator elsewhere, and nothing that is typed in outlives the page.
const pageScript = `SwaggerUIBundle({
  url: new URL('openapi.json', document.baseURI).href,
  dom_id: '#document',
  deepLinking: true,
  validatorUrl: null,
  queryConfigEnabled: false,
  persistAuthorization: false,
});
`;

const pageStyle = 'body { margin: 0; }\n';

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';

interface DocsFile {
  type: string;
  body: Buffer | string;
}

const ownFiles: ReadonlyMap<string, DocsFile> = new Map([
  ['page.js', { type: SCRIPT, body: pageScript }],
  ['page.css', { type: STYLE, body: pageStyle }],
]);

const packagedFiles: ReadonlyMap<string, string> = new Map([
  ['swagger-ui-bundle.js', SCRIPT],
  ['swagger-ui.css', STYLE],
]);

/** A file that the page is made of; undefined for every other name. */
export async function readDocsFile(name: string): Promise<DocsFile | undefined> {
  const type = packagedFiles.get(name);
  if (type === undefined) return ownFiles.get(name);
  const folder = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  return { type, body: await readFile(path.join(folder, name)) };
}
