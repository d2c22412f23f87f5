"""`python -m ingest_api`: the API process."""

import logging

import uvicorn

from ingest_api.app import create_app
from ingest_api.metrics import Metrics
from ingest_api.settings import ApiSettings

DRAIN_TIMEOUT_S = 10

log = logging.getLogger(__name__)


def main() -> None:
    """Serve until SIGTERM or SIGINT; then answer what is under way and drain the buffer."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    settings = ApiSettings()
    app = create_app(settings)
    _serve_metrics(app.metrics, settings)
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.api_port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        # Doors read X-Forwarded-For themselves, and only of trusted proxies.
        proxy_headers=False,
        server_header=False,
        log_config=None,
        timeout_graceful_shutdown=DRAIN_TIMEOUT_S,
    )


def _serve_metrics(metrics: Metrics, settings: ApiSettings) -> None:
    """Events matter more than their counts: a port that is taken is reported, not fatal."""
    if settings.metrics_port == 0:
        return
    try:
        metrics.serve(settings.host, settings.metrics_port)
    except OSError as error:
        log.warning("no metrics on port %d: %s", settings.metrics_port, error)


if __name__ == "__main__":
    main()
