# One image for every process; docker-compose.yml says which one a container runs.
FROM python:3.13-slim AS build

WORKDIR /tideline
RUN python -m venv .venv
COPY requirements.lock .
RUN .venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY sql sql
COPY ingest_api ingest_api
COPY jobs jobs
COPY dashboard_app dashboard_app
COPY tideline tideline
COPY assets assets
RUN .venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation --editable .

FROM python:3.13-slim

RUN useradd --system --uid 10001 --no-create-home tideline
COPY --from=build /tideline /tideline
WORKDIR /tideline
ENV PATH=/tideline/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER tideline
CMD ["tideline", "--help"]
