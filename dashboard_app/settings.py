"""Settings of the dashboard process."""

from pathlib import Path
from typing import Literal, Self

from pydantic import SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Settings(BaseSettings):
    """Read once at the process's entry from the environment (TIDELINE_*) and `.env`."""

    model_config = SettingsConfigDict(
        env_prefix="TIDELINE_", env_file=".env", extra="ignore", frozen=True
    )

    database_url: str
    """PostgreSQL or TimescaleDB, as a libpq URL."""
    redis_url: str
    """Redis that keeps cached answers and the cookie secret."""
    host: str = "127.0.0.1"
    """Address the dashboard listens on; one of loopback with auth=open."""
    dashboard_port: int = 8050
    """Port of the dashboard."""
    api_url: str = ""
    """Address of the API, for the snippet and the Try it page; empty: loopback on the API port."""
    api_port: int = 8000
    """Port of the API on this machine."""
    api_key: SecretStr | None = None
    """Key with which the Try it page posts its events; not needed in open mode."""
    auth: Literal["open", "required"] = "required"
    """open: no login, answers loopback hosts only."""
    dashboard_password: SecretStr | None = None
    """Password of the login page; required with auth=required."""
    secret_key: SecretStr | None = None
    """Signs the session cookie; None: a random one, kept in Redis."""
    dashboard_secure_cookie: bool = False
    """Marks the session cookie Secure; set it where the dashboard is served over HTTPS."""
    assets_dir: Path = Path(__file__).parents[1] / "assets"
    """Folder of the stylesheet, scripts, map shapes and fonts."""

    @model_validator(mode="after")
    def _password_when_closed(self) -> Self:
        if self.auth == "required" and not (
            self.dashboard_password and self.dashboard_password.get_secret_value()
        ):
            raise ValueError(
                "TIDELINE_AUTH=required needs TIDELINE_DASHBOARD_PASSWORD: set a password, "
                "or TIDELINE_AUTH=open to answer this machine only"
            )
        return self

    @model_validator(mode="after")
    def _loopback_when_open(self) -> Self:
        if self.auth == "open" and self.host not in LOOPBACK:
            raise ValueError(
                f"TIDELINE_HOST={self.host} lets other machines in, so TIDELINE_AUTH=open is"
                " refused: set TIDELINE_AUTH=required with a password, or TIDELINE_HOST=127.0.0.1"
            )
        return self

    @property
    def collector_url(self) -> str:
        """Base address of the API without a trailing slash."""
        return (self.api_url or f"http://127.0.0.1:{self.api_port}").rstrip("/")
