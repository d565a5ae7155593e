/** `npm run test:players [-- arguments of jest]`: what players of the desktop make of our films. Exits 1 where one fails. */
import { runJest } from './run-jest.mjs';

process.exitCode = await runJest(['test/players/', ...process.argv.slice(2)], {
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { STREAM_PLUS_PLAYERS: '1' },
});
