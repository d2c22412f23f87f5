"""The Dramatiq broker of this process."""

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import (
    AgeLimit,
    Callbacks,
    Pipelines,
    Retries,
    ShutdownNotifications,
    TimeLimit,
)

from jobs.figures import CountJobs
from jobs.process import open_redis

NAMESPACE = "tideline:jobs"


def make_broker(redis_url: str) -> RedisBroker:
    """A broker on Redis, made the process's own; call it before the actors are imported."""
    broker = RedisBroker(  # type: ignore[no-untyped-call]
        client=open_redis(redis_url),
        namespace=NAMESPACE,
        middleware=[
            AgeLimit(),
            TimeLimit(),
            ShutdownNotifications(),
            Callbacks(),
            Pipelines(),
            Retries(),
            CountJobs(),
        ],
    )
    dramatiq.set_broker(broker)
    return broker
