"""The real dashboard, served from a thread on a free loopback port, and its callbacks by HTTP."""

import json
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
    """A served Dash application."""

    url: str
    client: httpx.Client

    def callback(self, output: str, **given: Any) -> dict[str, Any]:
        """What the callback that has `output` ("tiles.html") changes: component → its props.

        `given` are the data of stores, by id; what else it takes is None.
        """
        named = self._named(output)
        outputs = [_parts(each) for each in named["output"].strip(".").split("...")]
        inputs, state = (
            [{**each, "value": given.get(each["id"])} for each in named[kind]]
            for kind in ("inputs", "state")
        )
        body = {
            "output": named["output"],
            "outputs": outputs if named["output"].startswith("..") else outputs[0],
            "inputs": inputs,
            "state": state,
            "changedPropIds": [f"{each['id']}.{each['property']}" for each in inputs],
        }
        answer = self.client.post("/_dash-update-component", json=body)
        assert answer.status_code in (200, 204), (answer.status_code, answer.text)
        return answer.json()["response"] if answer.status_code == 200 else {}

    def _named(self, output: str) -> dict[str, Any]:
        found = self.client.get("/_dash-dependencies").json()
        return next(each for each in found if output in each["output"].strip(".").split("..."))


def _parts(output: str) -> dict[str, Any]:
    component, _, name = output.rpartition(".")
    is_pattern = component.startswith("{")
    return {"id": json.loads(component) if is_pattern else component, "property": name}


@contextmanager
def running_dashboard(api: RunningApi, **settings: Any) -> Iterator[RunningDashboard]:
    """Serves the dashboard of an API's servers until the end of the block."""
    chosen = {"auth": "open", "api_url": api.url, **settings}
    app = create_app(
        Settings(_env_file=None, database_url=api.database_url, redis_url=api.redis_url, **chosen)
    )
    with served(app.server) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield RunningDashboard(url, client)
