"""Actors that keep the machinery small and ready."""

from datetime import UTC, datetime

import dramatiq
from dramatiq.brokers.redis import RedisBroker

from jobs.connections import connection
from jobs.ledger import prune_ledger
from sql.raw_events import prune_raw_events
from sql.site_removal import remove_deleted_sites
from sql.upkeep import make_partitions_ahead


@dramatiq.actor(actor_name="upkeep.partitions", max_age=3_600_000)
def partitions() -> None:
    """Makes the partitions of the coming months."""
    make_partitions_ahead(connection())


@dramatiq.actor(actor_name="upkeep.ledger", max_age=3_600_000)
def ledger() -> None:
    """Forgets ledger rows older than anything pending."""
    broker = dramatiq.get_broker()
    assert isinstance(broker, RedisBroker)
    prune_ledger(connection(), broker.client, datetime.now(UTC))


@dramatiq.actor(actor_name="upkeep.deleted_sites", max_age=3_600_000)
def deleted_sites() -> None:
    """Deletes what deleted sites hold."""
    remove_deleted_sites(connection())


@dramatiq.actor(actor_name="upkeep.raw_events", max_age=3_600_000)
def raw_events() -> None:
    """Deletes raw events older than their site keeps."""
    prune_raw_events(connection(), datetime.now(UTC))
