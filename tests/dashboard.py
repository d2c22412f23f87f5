"""The real dashboard, served from a thread on a free loopback port, and its callbacks by HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from dashboard_app.app import create_app
from dashboard_app.settings import Settings
from tests.api import RunningApi, served


@dataclass(frozen=True)
class RunningDashboard:
    """A served dashboard."""

    url: str
    client: httpx.Client

    def callback(self, output: str, **inputs: Any) -> Any:
        """What the callback of `output` ("tiles.children") returns for `component=value` inputs."""
        component, _, name = output.partition(".")
        body = {
            "output": output,
            "outputs": {"id": component, "property": name},
            "inputs": [
                {"id": key, "property": "data", "value": value} for key, value in inputs.items()
            ],
            "changedPropIds": [f"{key}.data" for key in inputs],
        }
        answer = self.client.post("/_dash-update-component", json=body)
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return answer.json()["response"][component][name]


@contextmanager
def running_dashboard(api: RunningApi, **settings: Any) -> Iterator[RunningDashboard]:
    """Serves the dashboard of an API's servers until the end of the block."""
    chosen = {"auth": "open", "api_url": api.url, **settings}
    app = create_app(
        Settings(_env_file=None, database_url=api.database_url, redis_url=api.redis_url, **chosen)
    )
    with served(app.server) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield RunningDashboard(url, client)
