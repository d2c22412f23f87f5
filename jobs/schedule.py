"""When to run what: sends messages to the workers, runs nothing itself."""

import importlib
import logging

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from redis.exceptions import RedisError

from jobs.broker import make_broker
from jobs.process import beat_until, open_redis, start_logging, stop_on_signals
from jobs.settings import JobSettings
from jobs.worker import ACTOR_MODULES

log = logging.getLogger("tideline.schedule")

EVERY_S = {
    "sessions.rebuild": 1.0,
    "rollups.add": 1.0,
    "rollups.advance": 300.0,
    "kpis.minutes": 10.0,
    "kpis.trends": 60.0,
    "goals.apply": 15.0,
    "sites.change_zones": 2.0,
    "sites.follow_zone_rules": 600.0,
    "cohorts.recompute": 30.0,
    "filtered_days.store": 60.0,
    "experiments.recompute": 5.0,
    "experiments.plan": 600.0,
    "upkeep.partitions": 6 * 3600.0,
    "upkeep.ledger": 3600.0,
    "upkeep.deleted_sites": 60.0,
    "upkeep.raw_events": 3600.0,
}
"""Seconds between two runs of an actor."""


def main() -> None:
    """Entry of the schedule process. Several may run: a message too many is harmless."""
    start_logging()
    stopping = stop_on_signals()
    settings = JobSettings()
    broker = make_broker(settings.redis_url)
    for module in ACTOR_MODULES:
        importlib.import_module(module)
    client = open_redis(settings.redis_url)
    scheduler = BackgroundScheduler(job_defaults={"coalesce": True, "max_instances": 1})

    def send(name: str) -> None:
        waiting = f"tideline:due:{name}"
        try:
            if client.set(waiting, 1, nx=True, px=int(EVERY_S[name] * 900)):
                broker.get_actor(name).send()
        except RedisError as error:
            log.warning("%s waits for its next turn: %s", name, error)

    for name, seconds in EVERY_S.items():
        scheduler.add_job(send, IntervalTrigger(seconds=seconds), args=[name], id=name)
        send(name)
    scheduler.start()
    beat_until(stopping, client, "schedule")
    scheduler.shutdown(wait=False)


if __name__ == "__main__":
    main()
