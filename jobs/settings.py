"""Settings of the writer, the workers and the schedule."""

from pydantic_settings import BaseSettings, SettingsConfigDict


class JobSettings(BaseSettings):
    """Read from the environment once, at a process's entry."""

    model_config = SettingsConfigDict(
        env_prefix="TIDELINE_", env_file=".env", extra="ignore", frozen=True
    )

    database_url: str
    redis_url: str
    worker_threads: int = 4
    """Actors that one worker process runs at once."""
    writer_batch_events: int = 10_000
    """Events that the writer stores in one transaction at most, a last stream entry aside."""
