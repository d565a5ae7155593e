import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

// What Node itself can do: one file from memory, whatever is asked for. `node bench/bare-server.mjs <file>`, says its port.
const body = readFileSync(process.argv[2]);
const server = createServer((_request, response) => {
  response.setHeader('content-length', body.length);
  response.end(body);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
