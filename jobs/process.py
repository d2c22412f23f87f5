"""What every job process does at its entry: logging, signals, heartbeats."""

import logging
import signal
import socket
import threading
import time
from collections.abc import Callable

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from jobs.figures import publish

HEARTBEAT_S = 2.0
REDIS_TIMEOUT_S = 10.0

log = logging.getLogger("tideline.jobs")


def start_logging() -> None:
    """One line per record on standard error."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    for noisy in ("apscheduler", "dramatiq.worker"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def stop_on_signals(*numbers: int) -> threading.Event:
    """An event that is set on any of the signals, SIGTERM and SIGINT unless told otherwise.

    A thread of its own sets it: an Event takes a lock, so that setting it in a signal handler
    hangs the process when the signal comes twice, or while the event is waited for.
    """
    wanted = frozenset(numbers or (signal.SIGTERM, signal.SIGINT))
    stopping = threading.Event()
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    for number in wanted:
        signal.signal(number, lambda *_: None)

    def watch(_held_open: socket.socket) -> None:
        while True:
            if reader.recv(1)[0] in wanted:
                stopping.set()

    threading.Thread(target=watch, args=(writer,), name="signals", daemon=True).start()
    return stopping


def open_redis(url: str) -> "redis.Redis":
    """A client that raises at once when Redis is away, and after REDIS_TIMEOUT_S when it is silent.

    It repeats nothing by itself: of a read that failed nobody knows what Redis has handed out.
    """
    return redis.Redis.from_url(
        url,
        socket_timeout=REDIS_TIMEOUT_S,
        socket_connect_timeout=REDIS_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
    )


def heartbeat_key(process: str) -> str:
    """Redis key of a process's heartbeat; its value is milliseconds since 1970-01-01 UTC."""
    return f"tideline:heartbeat:{process}"


def beat_until(
    stopping: threading.Event,
    client: redis.Redis,
    process: str,
    while_true: Callable[[], bool] = lambda: True,
) -> None:
    """Writes heartbeats and figures until told to stop or `while_true` is not; waits for Redis."""
    while not stopping.is_set() and while_true():
        try:
            client.set(heartbeat_key(process), int(time.time() * 1000))
            publish(client, process)
        except redis.RedisError as error:
            log.warning("no heartbeat: %s", error)
        stopping.wait(HEARTBEAT_S)
