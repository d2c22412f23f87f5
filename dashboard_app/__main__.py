"""`python -m dashboard_app`: serves the dashboard until SIGTERM or SIGINT."""

import logging
import sys

import uvicorn
from pydantic import ValidationError

from dashboard_app.app import create_app
from dashboard_app.settings import Settings


def main() -> int:
    """Exit code: 0 after a clean stop, 2 when the settings are wrong."""
    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stderr,
        format="%(levelname)s %(name)s %(message)s",
    )
    try:
        settings = Settings()
    except ValidationError as error:
        for problem in error.errors():
            place = "TIDELINE_" + "_".join(map(str, problem["loc"])).upper()
            named = "" if not problem["loc"] else f"{place}: "
            logging.error("%s%s", named, problem["msg"].removeprefix("Value error, "))
        return 2
    uvicorn.run(
        create_app(settings).server,
        host=settings.host,
        port=settings.dashboard_port,
        log_config=None,
        access_log=False,
        server_header=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
