"""Finds the servers a command should talk to."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tideline.embedded import running_servers
from tideline.instance import DataDirectory
from tideline.settings import Settings


@dataclass(frozen=True)
class Addresses:
    """URLs of the two servers; an empty one is not known."""

    database_url: str
    redis_url: str


def running_addresses(settings: Settings) -> Addresses:
    """The servers of the settings or of the running instance; TidelineError without either."""
    if settings.database_url and settings.redis_url:
        return Addresses(settings.database_url, settings.redis_url)
    instance = DataDirectory(settings.directory).running()
    return Addresses(
        settings.database_url or instance.database_url, settings.redis_url or instance.redis_url
    )


@contextmanager
def any_database(settings: Settings) -> Iterator[str]:
    """The URL of the database: configured, running, or started for the length of the block."""
    directory = DataDirectory(settings.directory)
    instance = directory.read()
    if settings.database_url:
        yield settings.database_url
    elif instance is not None and instance.is_running:
        yield instance.database_url
    else:
        with directory.locked(), running_servers(directory.path) as servers:
            yield servers.postgres.url()
