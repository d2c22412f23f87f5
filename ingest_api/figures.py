"""The figures of all processes of the instance, answered to Prometheus by one of them."""

import logging
from collections.abc import Iterator
from wsgiref.simple_server import WSGIServer

import redis
from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from ingest_api.metrics import Metrics
from sql.figures import FIGURES_KEY, fresh_figures, own_field

log = logging.getLogger(__name__)

PROCESS = "api"


class OwnFigures:
    """What this process counts."""

    def __init__(self, metrics: Metrics) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(metrics)
        ProcessCollector(registry=self._registry)

    def text(self) -> bytes:
        """In Prometheus' text form."""
        return generate_latest(self._registry)


def families_of(texts: dict[str, str]) -> list[Metric]:
    """Families of several processes' figures, by "PROCESS PID"; every sample says whose it is."""
    families: dict[str, Metric] = {}
    for field, text in sorted(texts.items()):
        process, _, pid = field.partition(" ")
        for family in text_string_to_metric_families(text):
            merged = families.setdefault(
                family.name, Metric(family.name, family.documentation, family.type)
            )
            merged.samples += [
                sample._replace(labels=sample.labels | {"process": process, "pid": pid})
                for sample in family.samples
            ]
    return list(families.values())


class Instance(Collector):
    """Every process that has left figures lately; while Redis is away, this one alone."""

    def __init__(self, own: OwnFigures, client: "redis.Redis") -> None:
        self._own = own
        self._client = client

    def collect(self) -> Iterator[Metric]:
        """Families of this moment."""
        texts = self._others() | {own_field(PROCESS): self._own.text().decode()}
        yield from families_of(texts)

    def _others(self) -> dict[str, str]:
        try:
            stored: dict[bytes, bytes] = self._client.hgetall(FIGURES_KEY)  # type: ignore[assignment]
            texts = {field.decode(): fresh_figures(value) for field, value in stored.items()}
            gone = [field for field, text in texts.items() if text is None]
            if gone:
                self._client.hdel(FIGURES_KEY, *gone)
        except redis.RedisError as error:
            log.warning("the other processes' figures are not shown: %s", error)
            return {}
        return {field: text for field, text in texts.items() if text is not None}


def serve_figures(own: OwnFigures, redis_url: str, *, host: str, port: int) -> WSGIServer | None:
    """Answer Prometheus on a port of its own, in a thread; of several API processes the first.

    Events matter more than their counts: a port that is taken is reported, not fatal.
    """
    registry = CollectorRegistry()
    client = redis.Redis.from_url(redis_url, socket_timeout=2, socket_connect_timeout=2)
    registry.register(Instance(own, client))
    try:
        return start_http_server(port, addr=host, registry=registry)[0]
    except OSError as error:
        log.warning("no metrics on port %d: %s", port, error)
        return None
