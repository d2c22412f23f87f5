"""What tests of stored events share."""

from collections.abc import Iterator

import pytest

from tests.pipeline import Pipeline, open_pipeline
from tests.servers import TestServers


@pytest.fixture(scope="module")
def pipeline(servers: TestServers) -> Iterator[Pipeline]:
    """A database of the module's own, with what writes, recomputes and reports there."""
    with servers.database() as url, open_pipeline(url, servers.clean_redis()) as running:
        yield running
