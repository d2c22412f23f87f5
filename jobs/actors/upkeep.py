"""Actors that keep the machinery small and ready."""

import dramatiq

from jobs.connections import connection
from sql.site_removal import remove_deleted_sites
from sql.upkeep import make_partitions_ahead, prune_ledger


@dramatiq.actor(actor_name="upkeep.partitions", max_age=3_600_000)
def partitions() -> None:
    """Makes the partitions of the coming months."""
    make_partitions_ahead(connection())


@dramatiq.actor(actor_name="upkeep.ledger", max_age=3_600_000)
def ledger() -> None:
    """Forgets ledger rows older than anything pending."""
    prune_ledger(connection())


@dramatiq.actor(actor_name="upkeep.deleted_sites", max_age=3_600_000)
def deleted_sites() -> None:
    """Deletes what deleted sites hold."""
    remove_deleted_sites(connection())
