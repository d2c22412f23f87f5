"""A real PostgreSQL and a real Redis from Python wheels, kept in the data directory."""

from tideline.embedded.postgres import EmbeddedPostgres
from tideline.embedded.redis import EmbeddedRedis
from tideline.embedded.servers import Servers, running_servers

__all__ = ["EmbeddedPostgres", "EmbeddedRedis", "Servers", "running_servers"]
