"""What the writer and the workers count about themselves, for Prometheus."""

import time
from typing import Any

import dramatiq
import redis
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

from sql.figures import FIGURES_KEY, own_field, stamped

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)
_SIZES = (1.0, 10.0, 100.0, 1_000.0, 2_500.0, 5_000.0, 10_000.0, 20_000.0)

registry = CollectorRegistry()
ProcessCollector(registry=registry)
written_events = Counter(
    "tideline_writer_events",
    "Events written, by site and outcome: stored, late, duplicate or dead_letter.",
    ["site", "outcome"],
    registry=registry,
)
batch_events = Histogram(
    "tideline_writer_batch_events", "Events of a transaction.", buckets=_SIZES, registry=registry
)
transaction_s = Histogram(
    "tideline_writer_transaction_seconds",
    "Time of a transaction, its commit included.",
    buckets=_SECONDS,
    registry=registry,
)
commit_s = Histogram(
    "tideline_writer_commit_seconds", "Time of a commit.", buckets=_SECONDS, registry=registry
)
job_s = Histogram(
    "tideline_job_seconds", "Time of a job's run.", ["job"], buckets=_SECONDS, registry=registry
)
job_failures = Counter(
    "tideline_job_failures", "Runs of a job that failed.", ["job"], registry=registry
)


def publish(client: "redis.Redis", process: str) -> None:
    """Leaves this process's figures where the API shows them."""
    client.hset(FIGURES_KEY, own_field(process), stamped(generate_latest(registry)))


class CountJobs(dramatiq.Middleware):
    """Counts the runs of every actor, how long they take and which fail."""

    def __init__(self) -> None:
        self._began: dict[str, float] = {}

    def before_process_message(self, _broker: dramatiq.Broker, message: Any) -> None:
        """A run begins."""
        self._began[message.message_id] = time.perf_counter()

    def after_process_message(
        self,
        _broker: dramatiq.Broker,
        message: Any,
        *,
        result: Any = None,
        exception: BaseException | None = None,
    ) -> None:
        """A run has ended."""
        began = self._began.pop(message.message_id, None)
        if began is not None:
            job_s.labels(message.actor_name).observe(time.perf_counter() - began)
        if exception is not None:
            job_failures.labels(message.actor_name).inc()

    def after_skip_message(self, _broker: dramatiq.Broker, message: Any) -> None:
        """A message was too old to run."""
        self._began.pop(message.message_id, None)
