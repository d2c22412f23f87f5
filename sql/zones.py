"""Time zones by the rules of the database, from which Python and SQL take the same local days."""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from zoneinfo import ZoneInfo

_HEADER = 51
"""Where the second header of a TZif file begins that holds nothing in the format's version 1."""
_COUNT = _HEADER + 32
_INSTANTS = _HEADER + 44


@cache
def zone_of(timezone: str, rules: bytes) -> ZoneInfo:
    """The zone of an IANA name by the rules in a TZif file, as the function zone_rules makes it."""
    return ZoneInfo.from_file(BytesIO(rules), key=timezone)


def first_difference(one: bytes, other: bytes, since: datetime) -> datetime | None:
    """The first instant from `since` on, in UTC, at which two files of rules mean another offset.

    None: there is none.
    """
    zones = zone_of("one", one), zone_of("other", other)
    for at in sorted({since.astimezone(UTC), *_changes(one), *_changes(other)}):
        offsets = {at.astimezone(zone).utcoffset() for zone in zones}
        if at >= since and len(offsets) > 1:
            return at
    return None


def _changes(rules: bytes) -> Iterator[datetime]:
    """The instants at which the offset changes."""
    (count,) = struct.unpack_from(">i", rules, _COUNT)
    for second in struct.unpack_from(f">{count}q", rules, _INSTANTS):
        yield datetime.fromtimestamp(second, UTC)
