"""A worker process: runs the actors."""

import importlib

import dramatiq

from jobs.broker import make_broker
from jobs.connections import use_database
from jobs.process import beat_until, open_redis, start_logging, stop_on_signals
from jobs.settings import JobSettings

ACTOR_MODULES = (
    "jobs.actors.reports",
    "jobs.actors.kpis",
    "jobs.actors.goals",
    "jobs.actors.cohorts",
    "jobs.actors.experiments",
    "jobs.actors.upkeep",
)


def main() -> None:
    """Entry of the worker process."""
    start_logging()
    stopping = stop_on_signals()
    settings = JobSettings()
    broker = make_broker(settings.redis_url)
    use_database(settings.database_url)
    for module in ACTOR_MODULES:
        importlib.import_module(module)
    worker = dramatiq.Worker(broker, worker_threads=settings.worker_threads, worker_timeout=200)
    worker.start()
    beat_until(stopping, open_redis(settings.redis_url), "worker")
    worker.stop()
    broker.close()


if __name__ == "__main__":
    main()
