"""The actors that follow changed time zones."""

from datetime import UTC, datetime

import dramatiq

from jobs.connections import connection
from sql.zone_changes import advance_zone_changes, follow_zone_rules


@dramatiq.actor(
    actor_name="sites.change_zones", max_age=10_000, max_retries=0, time_limit=3_600_000
)
def change_zones() -> None:
    """Takes the next step of every site whose days are being built in another zone."""
    advance_zone_changes(connection())


@dramatiq.actor(
    actor_name="sites.follow_zone_rules", max_age=600_000, max_retries=0, time_limit=600_000
)
def follow_rules() -> None:
    """Has sites follow the rules of their zones as the database has them now."""
    follow_zone_rules(connection(), datetime.now(UTC))
