# Slipway: web, worker, the tools beside them, and the file manager that runs in machines.
#   docker build -t slipway .
# `npm run image` makes the same of this host's Node, where no registry can be reached.
ARG BUILD_IMAGE=node:20-bookworm
ARG NODE_IMAGE=node:20-bookworm-slim

FROM ${BUILD_IMAGE} AS build
WORKDIR /source
COPY package.json package-lock.json ./
RUN ["npm", "ci", "--include=dev", "--no-audit", "--no-fund"]
COPY . .
RUN ["npm", "run", "gather", "--", "/slipway"]

FROM ${NODE_IMAGE}
WORKDIR /slipway
COPY --from=build /slipway ./
ENV NODE_ENV=production DATA_DIR=/var/lib/slipway
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["node", "/slipway/slipway.mjs", "healthy"]
ENTRYPOINT ["node", "/slipway/slipway.mjs"]
# A worker names no command for the file manager of a machine.
CMD ["filebrowser"]
