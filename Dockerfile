# Two stages: the builder has pip's cache and the build backend, the image has neither.
FROM python:3.12-slim-bookworm AS builder
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1
RUN python -m venv /opt/build && python -m venv /opt/proofkeep
COPY requirements.lock requirements-build.lock /src/
RUN /opt/build/bin/pip install --require-hashes -r /src/requirements-build.lock \
 && /opt/proofkeep/bin/pip install --require-hashes -r /src/requirements.lock
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY agent agent
COPY checks checks
COPY collectors collectors
COPY storage storage
RUN /opt/build/bin/hatchling build -t wheel -d /dist \
 && /opt/proofkeep/bin/pip install --no-deps /dist/*.whl \
 && /opt/proofkeep/bin/pip uninstall --yes pip

FROM python:3.12-slim-bookworm
LABEL org.opencontainers.image.title="proofkeep" \
      org.opencontainers.image.description="Reads cloud configuration and keeps the evidence behind a SOC 2 report." \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="python:3.12-slim-bookworm"
# PYTHONSAFEPATH: nothing is imported from the directory that the container happens to stand in.
# The port is open to the container's network, as its own loopback would hide it from probes and Prometheus.
ENV PATH=/opt/proofkeep/bin:$PATH PYTHONSAFEPATH=1 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PROOFKEEP_DAEMON__LISTEN=0.0.0.0:9464
RUN useradd --uid 10001 --no-create-home --home-dir /var/lib/proofkeep --shell /usr/sbin/nologin proofkeep \
 && install -d -o proofkeep -g proofkeep -m 0700 /var/lib/proofkeep
COPY --from=builder /opt/proofkeep /opt/proofkeep
USER 10001
WORKDIR /var/lib/proofkeep
VOLUME /var/lib/proofkeep
STOPSIGNAL SIGTERM
EXPOSE 9464
# Alive: the process looks at its schedule and answers.  Whether targets are read in time is a matter for alerts.
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 CMD ["proofkeep", "status", "--alive"]
ENTRYPOINT ["proofkeep"]
CMD ["run"]
