"""Instants on a site's clock, a quarter hour at a time."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sql.event_rows import local_part

_QUARTER_US = 900_000_000
_DAY_ZERO = date(2000, 1, 1).toordinal()
_MAX_CACHED = 200_000


class SiteClock:
    """Local day, hour and weekday of instants, by quarter hours: these divide every offset."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._known: dict[int, bytes] = {}

    def at(self, ts_us: int) -> bytes:
        """Local columns of a row at an instant in microseconds since 1970-01-01 UTC."""
        quarter = ts_us // _QUARTER_US
        found = self._known.get(quarter)
        if found is None:
            if len(self._known) >= _MAX_CACHED:
                self._known.clear()
            local = datetime.fromtimestamp(quarter * 900, UTC).astimezone(self._zone)
            found = local_part(local.toordinal() - _DAY_ZERO, local.hour, local.isoweekday())
            self._known[quarter] = found
        return found
