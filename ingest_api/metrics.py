"""What the API counts about itself: for Prometheus, and per minute for the data-trust screen."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from redis.asyncio import Redis

from ingest_api.backlog import Backlog
from sql.intake import trust_key

TRUST_TTL_S = 7 * 86_400
_LATENCIES_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_SIZES = (1.0, 5.0, 10.0, 50.0, 100.0, 500.0, 1_000.0, 2_500.0)

Outcome = tuple[str, str, str]
"""Site slug ("" when unknown), what happened (accepted, rejected, bot, dnt, refused), reason."""


class Histogram:
    """A histogram for the hot path: one bisection and three additions."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        """Count one value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def family(self, name: str, documentation: str) -> HistogramMetricFamily:
        """Cumulative buckets, as Prometheus wants them."""
        buckets, total = [], 0
        for bound, count in zip((*map(str, self._bounds), "+Inf"), self._counts, strict=True):
            total += count
            buckets.append((bound, float(total)))
        return HistogramMetricFamily(name, documentation, buckets=buckets, sum_value=self._sum)


class Metrics(Collector):
    """Counters of one API process; plain dictionaries until somebody asks."""

    def __init__(self) -> None:
        self.request_s = Histogram(_LATENCIES_S)
        self.batch_events = Histogram(_SIZES)
        self.backlog = Backlog(0, 0.0)
        self._flushed: Counter[Outcome] = Counter()
        self._unflushed: dict[Outcome, int] = {}

    def count(self, site: str, outcome: str, reason: str = "", events: int = 1) -> None:
        """Add to what happened to a site's events."""
        self._add({(site, outcome, reason): events})

    def count_request(self, outcomes: Mapping[Outcome, int]) -> None:
        """Add what became of the events of one collect request."""
        self.batch_events.observe(sum(outcomes.values()))
        self._add(outcomes)

    def _add(self, outcomes: Mapping[Outcome, int]) -> None:
        counts = self._unflushed
        for key, events in outcomes.items():
            counts[key] = counts.get(key, 0) + events

    def collect(self) -> Iterator[Metric]:
        """Families of this moment."""
        events = CounterMetricFamily(
            "tideline_api_events",
            "Events received, by site, outcome and reason.",
            labels=["site", "outcome", "reason"],
        )
        counts = Counter(dict(self._flushed))  # copied at once: another thread may be counting
        counts.update(dict(self._unflushed))
        for key, count in counts.items():
            events.add_metric(key, count)
        yield events
        yield self.request_s.family("tideline_api_request_seconds", "Time to answer a collect.")
        yield self.batch_events.family("tideline_api_batch_events", "Events of a request.")
        yield GaugeMetricFamily(
            "tideline_api_backlog_events",
            "Events in the stream that the writer has not stored (estimate).",
            value=self.backlog.events,
        )
        yield GaugeMetricFamily(
            "tideline_api_writer_lag_seconds",
            "Age of the oldest event that the writer has not stored.",
            value=self.backlog.oldest_age_s,
        )

    async def flush(self, redis: Redis, now: datetime) -> None:
        """Add what was counted since the last flush to the minute's hash in Redis.

        Fields are "SITE|OUTCOME|REASON"; raises RedisError, and then keeps the counts.
        """
        if not self._unflushed:
            return
        counts, self._unflushed = self._unflushed, {}
        self._flushed.update(counts)
        key = trust_key(now)
        pipeline = redis.pipeline(transaction=True)
        for outcome, events in counts.items():
            pipeline.hincrby(key, "|".join(outcome), events)
        pipeline.expire(key, TRUST_TTL_S)
        try:
            await pipeline.execute()
        except BaseException:
            self._flushed.subtract(counts)
            self._add(counts)
            raise
