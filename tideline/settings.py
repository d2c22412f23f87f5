"""Settings of the command line and the supervisor, read from the environment once, at entry."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from tideline.errors import TidelineError

Appendfsync = Literal["always", "everysec"]


class Settings(BaseSettings):
    """What `tideline` can be told; every field is TIDELINE_ plus its name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="TIDELINE_", env_file=".env", extra="ignore", frozen=True
    )

    data_dir: Path = Path(".tideline")
    """Where the embedded servers, logs and the state of the running instance are kept."""
    database_url: str | None = None
    """A PostgreSQL or TimescaleDB of your own; None: the embedded one."""
    redis_url: str | None = None
    """A Redis of your own (append-only, noeviction); None: the embedded one."""
    api_port: int = Field(default=8000, ge=0, le=65535)
    """Port of the API; 0 takes any free one."""
    dashboard_port: int = Field(default=8050, ge=0, le=65535)
    """Port of the dashboard; 0 takes any free one."""
    metrics_port: int = Field(default=9091, ge=0, le=65535)
    """Port of the Prometheus metrics; 0 switches them off."""
    auth: Literal["open", "required"] = "open"
    """open: this machine only, without keys; required: keys for the API, a password for people."""
    dashboard_password: SecretStr | None = None
    """Password of the dashboard; needed when auth is required."""
    api_key: SecretStr | None = None
    """Key with which `tideline import` posts when auth is required."""
    redis_appendfsync: Appendfsync = "always"
    """everysec is faster on slow disks, but a power failure then loses about a second of
    acknowledged events."""
    settle_timeout_s: float = Field(default=600.0, gt=0)
    """How long `tideline settle` waits unless told otherwise."""

    @property
    def directory(self) -> Path:
        """The data directory, absolute."""
        return self.data_dir.expanduser().absolute()


def read_settings(**given: Any) -> Settings:
    """The settings, with those given on the command line (not None) in front.

    Raises TidelineError when one of them cannot be.
    """
    chosen = {name: value for name, value in given.items() if value is not None}
    try:
        return Settings(**chosen)
    except ValidationError as error:
        problems = [
            f"TIDELINE_{'_'.join(map(str, each['loc'])).upper()}: {each['msg']}"
            f" (it is {each['input']!r})"
            for each in error.errors()
        ]
        raise TidelineError("\n".join(problems)) from error
