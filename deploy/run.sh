#!/bin/sh
# Runs one of the platform's processes in place of this shell, so that signals reach it.
set -eu
cd "$(dirname "$0")/.."

flags= environment=
case "${1:-}" in
  # Most of its memory is what it keeps of films: what V8 lets lie about is no more than a share of the rest.
  streamer) entry=dist/streamer/main.js flags=$(cat deploy/streamer.flags) environment=deploy/streamer.env ;;
  gateway | processor) entry="dist/$1/main.js" ;;
  seed) entry=dist/gateway/seed-demo.js ;;
  *)
    echo "Usage: gateway | streamer | processor | seed" >&2
    exit 2
    ;;
esac

if [ "$environment" ]; then
  set -a
  # shellcheck source=streamer.env
  . "$environment"
  set +a
fi

# kafkajs sets a timer in the past now and then; Node takes it as due, and says so.
# shellcheck disable=SC2086 # Several flags are several words.
exec node --disable-warning=TimeoutNegativeWarning $flags "$entry"
