"""Sites: what is measured, in which zone and currency."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import psycopg
from psycopg import sql as composed
from psycopg.rows import class_row

from sql.text import query
from sql.zone_changes import request_zone
from sql.zones import zone_of

SLUG = re.compile(r"[a-z0-9._-]{1,64}")
DEFAULT_GOAL = "purchase"

_COLUMNS = (
    "site_id, slug, name, timezone, zone_rules, currency, session_gap_s, allowed_origins,"
    " retention_days, raw_from, high_value_threshold::float8 AS high_value_threshold, respects_dnt,"
    " identity_key, created_at"
)


@dataclass(frozen=True)
class Site:
    """A site and its settings."""

    site_id: int
    slug: str
    name: str
    timezone: str
    """IANA name."""
    zone_rules: bytes
    """TZif file of the zone, as the site's days are built by it."""
    currency: str
    """ISO 4217."""
    session_gap_s: int
    allowed_origins: list[str]
    retention_days: int | None
    """None: raw events are kept."""
    raw_from: datetime | None
    """No raw event before it is kept or accepted; None: no limit."""
    high_value_threshold: float | None
    respects_dnt: bool
    identity_key: bytes
    """Secret of the visitor hash."""
    created_at: datetime

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return zone_of(self.timezone, self.zone_rules)


class SiteError(ValueError):
    """A site's setting that cannot be; `field` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def check_settings(settings: dict[str, Any]) -> None:
    """Raises SiteError for the first setting that cannot be, naming the value."""
    slug = settings.get("slug")
    if slug is not None and not SLUG.fullmatch(slug):
        raise SiteError("site_id", f"{slug!r} is not a site id: 1 to 64 of a-z 0-9 . _ -")
    timezone = settings.get("timezone")
    if timezone is not None and timezone not in available_timezones():
        raise SiteError("timezone", f"{timezone!r} is not an IANA time zone such as Europe/Berlin")
    currency = settings.get("currency")
    if currency is not None and not re.fullmatch(r"[A-Z]{3}", currency):
        raise SiteError("currency", f"{currency!r} is not an ISO 4217 code such as EUR")
    for field in ("session_gap_s", "retention_days"):
        number = settings.get(field)
        if number is not None and not (isinstance(number, int) and 0 < number < 2**31):
            raise SiteError(field, f"{number!r} is not a whole number above 0")


@contextmanager
def _zone_known(timezone: str | None) -> Iterator[None]:
    """Raises SiteError where a statement meets a zone that the server does not know."""
    try:
        yield
    except psycopg.errors.InvalidParameterValue:
        raise SiteError(
            "timezone",
            f"{timezone!r} is not known to the database, whose time zone data is older or lacks it;"
            " update the server, or choose another name of the zone",
        ) from None


async def list_sites(conn: psycopg.AsyncConnection[Any]) -> list[Site]:
    """All sites by slug."""
    async with conn.cursor(row_factory=class_row(Site)) as cursor:
        await cursor.execute(f"SELECT {_COLUMNS} FROM sites WHERE slug IS NOT NULL ORDER BY slug")
        return await cursor.fetchall()


async def site_by_slug(conn: psycopg.AsyncConnection[Any], slug: str) -> Site | None:
    """The site of that slug; None when there is none."""
    async with conn.cursor(row_factory=class_row(Site)) as cursor:
        await cursor.execute(f"SELECT {_COLUMNS} FROM sites WHERE slug = %s", (slug,))
        return await cursor.fetchone()


def sites_by_id(conn: psycopg.Connection[Any]) -> dict[int, Site]:
    """All sites by their number."""
    with conn.cursor(row_factory=class_row(Site)) as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM sites WHERE slug IS NOT NULL")
        return {site.site_id: site for site in cursor}


def moved_sites(conn: psycopg.Connection[Any]) -> dict[int, int]:
    """Numbers that sites had before their zones changed, and those they have now."""
    return dict(conn.execute("SELECT site_id, moved_to FROM sites WHERE moved_to IS NOT NULL"))


def goals_by_site(conn: psycopg.Connection[Any]) -> dict[int, frozenset[str]]:
    """Names of the events that are conversions, by site number."""
    found: dict[int, set[str]] = {}
    for site_id, event in conn.execute("SELECT site_id, event FROM goals"):
        found.setdefault(site_id, set()).add(event)
    return {site_id: frozenset(names) for site_id, names in found.items()}


async def create_site(conn: psycopg.AsyncConnection[Any], settings: dict[str, Any]) -> Site | None:
    """Stores a site and its goal `purchase`; None when the slug is taken.

    `settings` maps columns of `sites` to values, `slug` required. Raises SiteError.
    """
    check_settings(settings)
    async with conn.transaction():
        with _zone_known(settings.get("timezone")):
            row = await (await conn.execute(*_insert(settings))).fetchone()
        if row is None:
            return None
        await conn.execute(
            "INSERT INTO goals (site_id, event) VALUES (%s, %s)", (row[0], DEFAULT_GOAL)
        )
    return await site_by_slug(conn, settings["slug"])


def ensure_site(conn: psycopg.Connection[Any], slug: str, **settings: Any) -> None:
    """Stores the site with its goal `purchase` unless it is there. Raises SiteError."""
    settings = {"slug": slug, **settings}
    check_settings(settings)
    with conn.transaction():
        with _zone_known(settings.get("timezone")):
            row = conn.execute(*_insert(settings)).fetchone()
        if row is not None:
            conn.execute(
                "INSERT INTO goals (site_id, event) VALUES (%s, %s)", (row[0], DEFAULT_GOAL)
            )


def _insert(settings: dict[str, Any]) -> tuple[composed.Composed, dict[str, Any]]:
    defaults = {"name": settings["slug"], "timezone": "UTC"}
    row = {**defaults, "identity_key": secrets.token_bytes(32), **settings}
    statement = composed.SQL(
        "INSERT INTO sites (zone_rules, {}) VALUES (zone_rules(%(timezone)s), {})"
        " ON CONFLICT (slug) DO NOTHING RETURNING site_id"
    ).format(
        composed.SQL(", ").join(map(composed.Identifier, row)),
        composed.SQL(", ").join(map(composed.Placeholder, row)),
    )
    return statement, row


async def update_site(
    conn: psycopg.AsyncConnection[Any], slug: str, settings: dict[str, Any]
) -> Site | None:
    """Changes settings of a site; None when there is none. Raises SiteError.

    Another session gap has all sessions of the site rebuilt by the job; another time zone has all
    of its days built anew, and stands once they are.
    """
    check_settings(settings)
    zone = settings.get("timezone")
    settings = {name: value for name, value in settings.items() if name != "timezone"}
    async with conn.transaction():
        before = await site_by_slug(conn, slug)
        if before is None:
            return None
        if zone is not None:
            await _change_zone(conn, before, zone)
        if not settings:
            return before
        statement = composed.SQL("UPDATE sites SET {} WHERE slug = %(slug_)s").format(
            composed.SQL(", ").join(
                composed.SQL("{} = {}").format(composed.Identifier(k), composed.Placeholder(k))
                for k in settings
            )
        )
        await conn.execute(statement, {**settings, "slug_": slug})
        if settings.get("session_gap_s", before.session_gap_s) != before.session_gap_s:
            # No run that still reads the old gap may go on, and no writer add what is not touched.
            await conn.execute("LOCK TABLE touched_visitors IN SHARE ROW EXCLUSIVE MODE")
            await conn.execute(query("sessions/touch_site"), {"site_id": before.site_id})
        return await site_by_slug(conn, slug)


async def _change_zone(conn: psycopg.AsyncConnection[Any], site: Site, zone: str) -> None:
    with _zone_known(zone):
        await conn.execute("SELECT zone_rules(%s)", (zone,))
    await request_zone(conn, site.site_id, zone)
    if zone == site.timezone:
        return
    # No job moves raw_from meanwhile.
    found = await conn.execute(
        "SELECT raw_from FROM sites WHERE site_id = %s FOR UPDATE", (site.site_id,)
    )
    row = await found.fetchone()
    if row is not None and row[0] is not None:
        raise SiteError(
            "timezone",
            f"{zone!r} cannot become the time zone of {site.slug}: its raw events before"
            f" {row[0].isoformat()} are gone, and days cannot be built anew without them. It stays"
            f" {site.timezone}; a new site in {zone} can take the events from now on",
        )


async def delete_site(conn: psycopg.AsyncConnection[Any], slug: str) -> bool:
    """Takes a site out of sight at once; a job deletes what it holds. False when there is none."""
    changed = await conn.execute(
        "UPDATE sites SET slug = NULL, deleted_at = now() WHERE slug = %s", (slug,)
    )
    return changed.rowcount == 1
