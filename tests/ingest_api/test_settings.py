"""Settings of the API that cannot go together."""

import pytest
from pydantic import ValidationError

from ingest_api.settings import ApiSettings

SERVERS = {"database_url": "postgresql://nowhere", "redis_url": "redis://nowhere"}


def test_open_doors_are_for_this_machine_alone() -> None:
    with pytest.raises(ValidationError, match=r"TIDELINE_HOST=0\.0\.0\.0 lets other machines in"):
        ApiSettings(_env_file=None, auth="open", host="0.0.0.0", **SERVERS)
    closed = ApiSettings(_env_file=None, host="0.0.0.0", **SERVERS)
    assert not closed.is_open
