# syntax=docker/dockerfile:1
# One image for the three processes: docker run … stream-plus gateway | streamer | processor
ARG BASE=node:24-bookworm-slim

FROM ${BASE} AS build
WORKDIR /app
# Install scripts stay out: the one that matters would fetch a second Node.js.
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build

FROM ${BASE} AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${BASE}
# FFmpeg for the processor; certificates so that it can read from storage over https; tini to reap.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates ffmpeg tini \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
COPY deploy deploy
COPY player player
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/tmp/stream-plus
USER node
EXPOSE 4000 4001 4002
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --start-interval=2s --retries=3 \
  CMD ["node", "deploy/healthcheck.mjs"]
ENTRYPOINT ["tini", "--", "sh", "deploy/run.sh"]
CMD ["gateway"]
