#!/bin/sh
# Runs one of the platform's processes in place of this shell, so that signals reach it.
set -eu
cd "$(dirname "$0")/.."

case "${1:-}" in
  gateway | streamer | processor) entry="dist/$1/main.js" ;;
  seed) entry=dist/gateway/seed-demo.js ;;
  *)
    echo "Usage: gateway | streamer | processor | seed" >&2
    exit 2
    ;;
esac

# kafkajs sets a timer in the past now and then; Node takes it as due, and says so.
exec node --disable-warning=TimeoutNegativeWarning "$entry"
