"""Settings of the dashboard process."""

import pytest
from pydantic import ValidationError

from dashboard_app.settings import Settings

SERVERS = {"database_url": "postgresql:///x", "redis_url": "redis://127.0.0.1/0"}


def test_closed_doors_need_a_password() -> None:
    with pytest.raises(ValidationError, match="needs TIDELINE_DASHBOARD_PASSWORD"):
        Settings(_env_file=None, **SERVERS)
    with pytest.raises(ValidationError, match="needs TIDELINE_DASHBOARD_PASSWORD"):
        Settings(_env_file=None, dashboard_password="", **SERVERS)


def test_open_doors_need_none() -> None:
    settings = Settings(_env_file=None, auth="open", **SERVERS)
    assert settings.dashboard_port == 8050
    assert settings.collector_url == "http://127.0.0.1:8000"


def test_the_collector_may_be_elsewhere() -> None:
    settings = Settings(_env_file=None, auth="open", api_url="https://stats.example/", **SERVERS)
    assert settings.collector_url == "https://stats.example"


def test_open_doors_are_for_this_machine_alone() -> None:
    with pytest.raises(ValidationError, match=r"TIDELINE_HOST=0\.0\.0\.0 lets other machines in"):
        Settings(_env_file=None, auth="open", host="0.0.0.0", **SERVERS)
    closed = Settings(_env_file=None, host="0.0.0.0", dashboard_password="tide", **SERVERS)
    assert closed.host == "0.0.0.0"
