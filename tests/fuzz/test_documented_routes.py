"""Every documented route, called with whatever its own description allows, and more."""

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings

from sql.database import connect
from sql.sites import ensure_site
from tests.api import running_api
from tests.servers import TestServers

EXAMPLES = 8


@pytest.fixture(scope="module")
def described(servers: TestServers) -> Iterator[schemathesis.BaseSchema]:
    """The OpenAPI document of an API in open mode, whose site has a few events."""
    with servers.database() as database_url:
        with connect(database_url) as conn:
            ensure_site(conn, "demo", timezone="Europe/Berlin")
        with running_api(database_url, servers.clean_redis()) as api:
            names = ("page_view", "click", "purchase", "refund")
            api.post(
                "/api/v1/events",
                [
                    {"name": name, "user_id": f"u{n}", "path": f"/{n % 3}", "value": n}
                    for n in range(40)
                    for name in names
                ],
            )
            api.settle()
            yield schemathesis.openapi.from_url(f"{api.url}/openapi.json")


def test_no_call_is_a_server_error(described: schemathesis.BaseSchema) -> None:
    operations = [result.ok() for result in described.get_all_operations()]
    assert len(operations) > 30
    failed: dict[str, str] = {}
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        def call(case: schemathesis.Case) -> None:
            if "site_id" in (case.query or {}):
                case.query["site_id"] = "demo"
            answer = case.call()
            assert answer.status_code < 500 or answer.status_code == 503, (
                case.as_curl_command(),
                answer.text,
            )

        try:
            call()
        except AssertionError as error:
            failed[operation.label] = str(error)
    assert failed == {}
