# syntax=docker/dockerfile:1
# One image per service: `docker build --target context -t sallyport/context:0.1.0 .`
# Pinned to the major version; rebuilding takes the patches of Node and of Debian.
ARG NODE_IMAGE=node:20-bookworm-slim

FROM ${NODE_IMAGE} AS build
ENV CI=true
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.npm npm ci
RUN npx nx run-many -t build

# What every service shares. Files belong to root, so that the process cannot change its own program.
# No tini: Node is process 1, handles SIGTERM and SIGINT itself and starts no children that could be left behind.
FROM ${NODE_IMAGE} AS runtime
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
# A new volume takes its owner from the image: the simulator writes its certificate here, services read it.
RUN install -d -o 1000 -g 1000 /simulator-ca
USER 1000:1000
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "main.js"]

FROM runtime AS ingest
COPY --from=build /src/dist/apps/ingest ./

FROM runtime AS context
COPY --from=build /src/dist/apps/context ./

FROM runtime AS policy
COPY --from=build /src/dist/apps/policy ./
COPY policies ./policies

# With the texts that `node main.js eval` injects.
FROM runtime AS triage
COPY --from=build /src/dist/apps/triage ./
COPY apps/triage/corpus ./apps/triage/corpus

FROM runtime AS approval
COPY --from=build /src/dist/apps/approval ./

# The policies too: the executor decides again directly before it acts.
FROM runtime AS executor
COPY --from=build /src/dist/apps/executor ./
COPY policies ./policies

FROM runtime AS audit
COPY --from=build /src/dist/apps/audit ./

FROM runtime AS console
COPY --from=build /src/dist/apps/console ./

FROM runtime AS migrate
COPY --from=build /src/dist/apps/cli ./
HEALTHCHECK NONE
CMD ["node", "--enable-source-maps", "main.js", "migrate"]

# Rehearsals only. Healthy once the tenant is loaded.
FROM runtime AS simulator
ENV SIMULATOR_HOST=0.0.0.0 SIMULATOR_PORT=8443 SIMULATOR_TLS_DIR=/simulator-ca
COPY --from=build /src/dist/apps/simulator ./
COPY deploy/demo ./demo
EXPOSE 8443
HEALTHCHECK --interval=3s --timeout=3s --start-period=30s --retries=5 CMD ["node", "demo/simulator-healthy.mjs"]
CMD ["node", "--enable-source-maps", "demo/simulator.mjs"]
