/** Exit code 0 while the process of this container lives: whichever of the three it is, one port answers. */
const { GATEWAY_PORT, STREAMER_PORT, PROCESSOR_PORT } = process.env;

async function isAlive(port) {
  const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(3_000) });
  if (!answer.ok) throw new Error(`port ${port} answered ${answer.status}`);
}

try {
  await Promise.any([GATEWAY_PORT || 4000, STREAMER_PORT || 4001, PROCESSOR_PORT || 4002].map(isAlive));
} catch (error) {
  console.error(error.errors.map(({ message, cause }) => cause?.message ?? message).join('\n'));
  process.exitCode = 1;
}
