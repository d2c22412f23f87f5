"""Whether Tideline works: one route for people, load balancers and the supervisor."""

import asyncio
import time
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from redis.exceptions import RedisError

from ingest_api.access import runtime_of
from ingest_api.backlog import Backlog
from ingest_api.runtime import Runtime

HEARTBEAT_FRESH_S = 15.0
CHECK_TIMEOUT_S = 2.0
_PROCESSES = {"writer": "writer", "workers": "worker", "schedule": "schedule"}

router = APIRouter(tags=["health"])

Check = Literal["ok", "failing"]


class Checks(BaseModel):
    """State of each part."""

    database: Check
    redis: Check
    writer: Check
    workers: Check
    schedule: Check


class BacklogAnswer(BaseModel):
    """Accepted events that are not stored yet."""

    events: int
    oldest_age_s: float


class Health(BaseModel):
    """Answered with 200 when every check is ok, otherwise with 503."""

    status: Check
    checks: Checks
    backlog: BacklogAnswer
    dead_letters: int | None
    """Events that could not be stored; null while the database is away."""
    version: str


def installed_version() -> str:
    """Version of the installed package; "unknown" in a bare checkout."""
    try:
        return version("tideline")
    except PackageNotFoundError:
        return "unknown"


@router.get("/api/v1/health", responses={503: {"model": Health}})
async def health(request: Request) -> JSONResponse:
    """Checks of every part, the backlog and the dead letters."""
    runtime = runtime_of(request)
    (is_redis_up, processes), dead_letters, backlog = await asyncio.gather(
        _check_redis(runtime), _count_dead_letters(runtime), _backlog(runtime)
    )
    checks = {
        "database": _word(dead_letters is not None),
        "redis": _word(is_redis_up),
        **processes,
    }
    is_ok = all(state == "ok" for state in checks.values())
    answer: dict[str, Any] = {
        "status": _word(is_ok),
        "checks": checks,
        "backlog": {
            "events": backlog.events,
            "oldest_age_s": round(backlog.oldest_age_s, 3),
        },
        "dead_letters": dead_letters,
        "version": installed_version(),
    }
    return JSONResponse(answer, status_code=200 if is_ok else 503)


def _word(is_ok: bool) -> Check:
    return "ok" if is_ok else "failing"


async def _check_redis(runtime: Runtime) -> tuple[bool, dict[str, Check]]:
    """Whether Redis answers, and by its heartbeats the processes that beat there."""
    keys = [f"tideline:heartbeat:{name}" for name in _PROCESSES.values()]
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            beats = await runtime.redis.mget(keys)
    except (RedisError, OSError, TimeoutError):
        return False, dict.fromkeys(_PROCESSES, "failing")
    now_ms = time.time() * 1000
    return True, {
        name: _word(beat is not None and now_ms - float(beat) < HEARTBEAT_FRESH_S * 1000)
        for name, beat in zip(_PROCESSES, beats, strict=True)
    }


async def _backlog(runtime: Runtime) -> Backlog:
    """The backlog now; the last one known while Redis is away."""
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            return await runtime.read_backlog()
    except (RedisError, OSError, TimeoutError):
        return runtime.metrics.backlog


async def _count_dead_letters(runtime: Runtime) -> int | None:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S), runtime.pool.connection() as conn:
            row = await (await conn.execute("SELECT count(*) FROM dead_letters")).fetchone()
            return int(row[0]) if row else 0
    except Exception:  # whatever is wrong with the database, this route says so
        return None
