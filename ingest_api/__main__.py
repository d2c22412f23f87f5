"""`python -m ingest_api`: the API process."""

import logging

import uvicorn

from ingest_api.app import create_app
from ingest_api.figures import serve_figures
from ingest_api.settings import ApiSettings

DRAIN_TIMEOUT_S = 10


def main() -> None:
    """Serve until SIGTERM or SIGINT; then answer what is under way and drain the buffer."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    settings = ApiSettings()
    app = create_app(settings)
    if settings.metrics_port:
        serve_figures(
            app.figures, settings.redis_url, host=settings.host, port=settings.metrics_port
        )
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


if __name__ == "__main__":
    main()
