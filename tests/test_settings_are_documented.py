"""A setting that nobody documents fails."""

from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from dashboard_app.settings import Settings as DashboardSettings
from ingest_api.settings import ApiSettings
from jobs.settings import JobSettings
from tideline.settings import Settings

README = (Path(__file__).parent.parent / "README.md").read_text()


@pytest.mark.parametrize("settings", [ApiSettings, JobSettings, DashboardSettings, Settings])
def test_every_setting_is_in_the_readme(settings: type[BaseSettings]) -> None:
    missing = [name for name in settings.model_fields if f"`TIDELINE_{name.upper()}`" not in README]
    assert missing == []
