"""Settings of the API process, read from the environment once, at its entry."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Network = IPv4Network | IPv6Network
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class ApiSettings(BaseSettings):
    """What the API process can be told; every field is TIDELINE_ plus its name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="TIDELINE_", env_file=".env", extra="ignore", frozen=True
    )

    database_url: str
    redis_url: str
    host: str = "127.0.0.1"
    """Address the API listens on; one of loopback with auth=open."""
    api_port: int = Field(default=8000, ge=0, le=65535)
    metrics_port: int = Field(default=9091, ge=0, le=65535)
    """Port of the Prometheus metrics, on the same address; 0 switches them off."""
    auth: Literal["open", "required"] = "required"
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = ()
    """Networks (CIDR, comma-separated) whose X-Forwarded-For and country header are believed."""
    country_header: str = "CF-IPCountry"
    """Header in which a trusted proxy names the client's country."""
    geoip_db: Path | None = None
    """MaxMind or DB-IP file (mmdb) that tells country, region and city of an address."""
    buffer_wait_ms: float = Field(default=3.0, ge=0, le=1000)
    """How long an event may wait for others to share its write to Redis; less when none come."""
    buffer_retry_s: float = Field(default=5.0, ge=0)
    """How long a write to Redis is retried before its senders get a 503."""
    backlog_limit_events: int = Field(default=5_000_000, ge=1)
    """Events waiting for the writer beyond which new ones get a 503."""
    backlog_limit_memory_share: float = Field(default=0.9, gt=0, le=1)
    """Share of Redis' maxmemory beyond which new events get a 503."""
    sites_refresh_s: float = Field(default=2.0, gt=0)
    """How often sites and keys are read again."""
    assets_dir: Path = Path(__file__).resolve().parent.parent / "assets"
    """Where the tracker script lies."""

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split_networks(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())

    @model_validator(mode="after")
    def _loopback_when_open(self) -> Self:
        if self.auth == "open" and self.host not in LOOPBACK:
            raise ValueError(
                f"TIDELINE_HOST={self.host} lets other machines in, so TIDELINE_AUTH=open is"
                " refused: set TIDELINE_AUTH=required, or TIDELINE_HOST=127.0.0.1"
            )
        return self

    @property
    def is_open(self) -> bool:
        """No key is asked for, and only this machine is answered."""
        return self.auth == "open"
