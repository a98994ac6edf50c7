# The vip-sidecar image. Two stages on one base: pip and the build tools stay in the first.
ARG BASE_IMAGE=debian:trixie-slim

FROM ${BASE_IMAGE} AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3-venv \
    && rm -rf /var/lib/apt/lists/*
# The tools have a venv of their own, so that the one we ship holds no pip and no build backend.
RUN python3 -m venv /opt/tools && python3 -m venv --without-pip /opt/vip-sidecar
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements-build.lock requirements.lock ./
RUN /opt/tools/bin/pip install --require-hashes -r requirements-build.lock \
    && /opt/tools/bin/pip --python /opt/vip-sidecar/bin/python install --no-compile --require-hashes -r requirements.lock
COPY pyproject.toml LICENSE README.md ./
COPY sidecar sidecar
# Bytecode that is never checked against its source: nothing writes here later, and a read-only root could not renew it.
RUN /opt/tools/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheel . \
    && /opt/tools/bin/pip --python /opt/vip-sidecar/bin/python install --no-compile --no-deps --no-index /wheel/*.whl \
    && python3 -m compileall -q --invalidation-mode unchecked-hash /opt/vip-sidecar

FROM ${BASE_IMAGE}
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 \
    && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* \
    && mkdir -p /etc/vip-sidecar /run/vip-sidecar
COPY --from=build /opt/vip-sidecar /opt/vip-sidecar
# `make image` sets them. The build needs none of them.
ARG REVISION=unknown
ARG VERSION=unknown
ARG CREATED=unknown
ARG BASE_IMAGE
ENV PATH=/opt/vip-sidecar/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    VIP_SIDECAR_REVISION=${REVISION}
LABEL org.opencontainers.image.title="vip-sidecar" \
      org.opencontainers.image.description="High availability for nginx on plain Docker hosts" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.base.name="${BASE_IMAGE}"
# The control socket lives here; a tmpfs (see docker-compose.yml) lets the root be read-only.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=2s --start-period=10s --retries=2 CMD ["vip-sidecar", "healthcheck"]
ENTRYPOINT ["vip-sidecar"]
CMD ["run"]
