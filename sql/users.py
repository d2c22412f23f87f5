"""The people of a scope and how engaged they are."""

from dataclasses import dataclass
from typing import Any

import psycopg

from sql.metrics import ratio
from sql.scope import Scope
from sql.summed import fetch_summed
from sql.text import query

QUANTILES = ("p25", "p50", "p75", "p90")


@dataclass(frozen=True)
class Users:
    """New and returning visitors of a scope and their engagement score (0-100) over it."""

    new_visitors: int
    returning_visitors: int
    """First seen before the range."""
    sessions: int
    """Sessions of theirs that start in the range."""
    engagement_mean: float | None
    """None without visitors."""
    session_duration_median_s: float | None
    """Of those sessions, zero-second ones included; None without."""
    quantiles: list[float] | None
    """At 25, 50, 75 and 90 %; None without visitors."""

    @property
    def sessions_per_visitor(self) -> float | None:
        """Sessions / visitors; None without visitors."""
        return ratio(self.sessions, self.new_visitors + self.returning_visitors)


async def users(conn: psycopg.AsyncConnection[Any], scope: Scope) -> Users:
    """The people of a scope."""
    finding, summing = query("users/users_found"), query("users/users_summed")
    return (await fetch_summed(conn, finding, summing, Users, scope))[0]
