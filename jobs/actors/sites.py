"""The actor that follows changed time zones."""

import dramatiq

from jobs.connections import connection
from sql.zone_changes import advance_zone_changes


@dramatiq.actor(
    actor_name="sites.change_zones", max_age=10_000, max_retries=0, time_limit=3_600_000
)
def change_zones() -> None:
    """Takes the next step of every site whose days are being built in another zone."""
    advance_zone_changes(connection())
