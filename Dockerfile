# syntax=docker/dockerfile:1
# Every image of the fleet:
#
#   docker build --build-arg SERVICE=gateway -t parley/gateway .     (also dialogue, logging, monitoring)
#   docker build --target model-cpu -t parley/model .
#   docker build --target model-cuda -t parley/model-cuda .
#
# The base images can be pinned by digest: --build-arg NODE_IMAGE=node:24-bookworm-slim@sha256:…
# A container needs a writable /tmp and /var/lib/parley (model: /var/cache/parley too); the rest can be read-only.
ARG NODE_IMAGE=node:24-bookworm-slim
ARG CUDA_IMAGE=nvidia/cuda:13.0.1-base-ubuntu24.04

FROM ${NODE_IMAGE} AS node

# Manifests by themselves: packages are installed again only when one of these changes, not with every source file.
FROM node AS manifests
WORKDIR /src
COPY . .
RUN mkdir /manifests \
 && find . \( -name package.json -o -name package-lock.json -o -name .npmrc -o -path './libs/cli/bin/*' \) \
    -exec cp --parents {} /manifests \;

FROM node AS build
WORKDIR /src
ENV NX_DAEMON=false
COPY --from=manifests /manifests ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
RUN npm run build

FROM build AS pruned-service
ARG SERVICE
RUN --mount=type=cache,target=/root/.npm node scripts/deploy/prune-service.ts "${SERVICE}" /out

FROM build AS pruned-model-cpu
RUN --mount=type=cache,target=/root/.npm node scripts/deploy/prune-service.ts model /out

FROM build AS pruned-model-cuda
RUN --mount=type=cache,target=/root/.npm node scripts/deploy/prune-service.ts model /out --engine cuda

# Node is pid 1: the services end on SIGTERM by themselves. A new volume takes over the owner of its folder.
FROM node AS runtime
ARG VERSION=0.1.0
ARG REVISION=unknown
RUN groupadd --system --gid 65532 parley \
 && useradd --system --uid 65532 --gid 65532 --home-dir /var/lib/parley --shell /usr/sbin/nologin parley \
 && install --directory --owner=65532 --group=65532 --mode=0700 /var/lib/parley /var/cache/parley /run/parley
ENV NODE_ENV=production HOME=/var/lib/parley \
    PARLEY_HOST=0.0.0.0 PARLEY_DATA=/var/lib/parley PARLEY_CONFIG=/app/config PARLEY_MODEL_CACHE=/var/cache/parley
LABEL org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" org.opencontainers.image.revision="${REVISION}"
WORKDIR /app
USER 65532:65532
EXPOSE 8080 50050 50051 9464
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "/app/healthcheck.mjs"]
ENTRYPOINT []
CMD ["node", "--enable-source-maps", "--disable-warning=ExperimentalWarning", "/app/service/dist/main.js"]

# The same on CUDA 13. Beside the base image the engine needs libcublas; the driver (580 or later) is the host's.
FROM ${CUDA_IMAGE} AS runtime-cuda
ARG VERSION=0.1.0
ARG REVISION=unknown
# The base image decides which libcublas fits.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates libcublas-13-0 \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --system --gid 65532 parley \
 && useradd --system --uid 65532 --gid 65532 --home-dir /var/lib/parley --shell /usr/sbin/nologin parley \
 && install --directory --owner=65532 --group=65532 --mode=0700 /var/lib/parley /var/cache/parley /run/parley
COPY --from=node /usr/local/bin/node /usr/local/bin/node
ENV NODE_ENV=production HOME=/var/lib/parley \
    PARLEY_HOST=0.0.0.0 PARLEY_DATA=/var/lib/parley PARLEY_CONFIG=/app/config PARLEY_MODEL_CACHE=/var/cache/parley \
    NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
LABEL org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" org.opencontainers.image.revision="${REVISION}"
WORKDIR /app
USER 65532:65532
EXPOSE 50051 9464
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 CMD ["node", "/app/healthcheck.mjs"]
ENTRYPOINT []
CMD ["node", "--enable-source-maps", "--disable-warning=ExperimentalWarning", "/app/service/dist/main.js"]

FROM runtime-cuda AS model-cuda
LABEL org.opencontainers.image.title="parley-model-cuda" \
      org.opencontainers.image.description="Parley's model service with the CUDA engine"
COPY --from=pruned-model-cuda /out ./

FROM runtime AS model-cpu
LABEL org.opencontainers.image.title="parley-model" \
      org.opencontainers.image.description="Parley's model service with the CPU engine"
COPY --from=pruned-model-cpu /out ./

FROM runtime AS service
ARG SERVICE
LABEL org.opencontainers.image.title="parley-${SERVICE}" \
      org.opencontainers.image.description="Parley's ${SERVICE} service"
COPY --from=pruned-service /out ./
