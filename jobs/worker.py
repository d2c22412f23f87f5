"""A worker process: runs the actors."""

import importlib
import sys
from contextlib import suppress

import dramatiq
import redis

from jobs.broker import make_broker
from jobs.connections import use_database
from jobs.process import beat_until, open_redis, start_logging, stop_on_signals
from jobs.settings import JobSettings

ACTOR_MODULES = (
    "jobs.actors.reports",
    "jobs.actors.kpis",
    "jobs.actors.goals",
    "jobs.actors.sites",
    "jobs.actors.cohorts",
    "jobs.actors.filtered_days",
    "jobs.actors.experiments",
    "jobs.actors.upkeep",
)

STOP_MS = 5_000
"""How long actors may go on after SIGTERM; without Redis some would go on for ever."""


def main() -> int:
    """Entry of the worker process; exit code 1 when a thread of it had died."""
    start_logging()
    stopping = stop_on_signals()
    settings = JobSettings()
    broker = make_broker(settings.redis_url)
    use_database(settings.database_url)
    for module in ACTOR_MODULES:
        importlib.import_module(module)
    worker = dramatiq.Worker(broker, worker_threads=settings.worker_threads, worker_timeout=200)
    worker.start()

    def is_whole() -> bool:
        return all(each.is_alive() for each in (*worker.consumers.values(), *worker.workers))

    beat_until(stopping, open_redis(settings.redis_url), "worker", while_true=is_whole)
    with suppress(redis.RedisError):  # what was under way is done again
        worker.stop(timeout=STOP_MS)
    broker.close()
    return 0 if stopping.is_set() else 1


if __name__ == "__main__":
    sys.exit(main())
