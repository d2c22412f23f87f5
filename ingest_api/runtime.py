"""What one API process holds while it runs: connections, caches, the buffer, and their upkeep."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from ingest_api.backlog import Backlog, gate_reason, read_backlog
from ingest_api.buffer import Buffer
from ingest_api.figures import PROCESS, OwnFigures
from ingest_api.metrics import Metrics
from ingest_api.salts import BrowserIds
from ingest_api.settings import ApiSettings
from ingest_api.sites import Loader, SiteCache
from ingest_api.watching import Watching
from sql.database import AsyncPool, make_pool
from sql.figures import FIGURES_KEY, own_field, stamped
from sql.keys import ApiKey, active_keys
from sql.sites import Site, list_sites

REDIS_TIMEOUT_S = 3.0
UPKEEP_S = 1.0
CANCEL_AGAIN_S = 0.2

log = logging.getLogger(__name__)


def load_from(pool: AsyncPool) -> Loader:
    """Reads all sites and keys through the pool."""

    async def load() -> tuple[Sequence[Site], Sequence[ApiKey]]:
        async with pool.connection() as conn, conn.transaction():
            # As of one moment: a site that gets another number takes its keys along.
            await conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            return await list_sites(conn), await active_keys(conn)

    return load


async def end_tasks(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel tasks until they have ended.

    Once is not enough: a cancellation that meets an answer or a time-out inside a client library
    can be taken for that time-out, and the task goes on.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=CANCEL_AGAIN_S)


class Runtime:
    """Made once per process; `running` is its life."""

    def __init__(self, settings: ApiSettings, *, load: Loader | None = None) -> None:
        self.settings = settings
        self.redis: Redis = Redis.from_url(
            settings.redis_url,
            socket_timeout=REDIS_TIMEOUT_S,
            socket_connect_timeout=REDIS_TIMEOUT_S,
            # Retrying is the buffer's decision: it keeps the batch id.
            retry=Retry(NoBackoff(), 0),
        )
        self.pool: AsyncPool = make_pool(settings.database_url)
        self.sites = SiteCache(load or load_from(self.pool), refresh_s=settings.sites_refresh_s)
        self.buffer = Buffer(
            self.redis, wait_ms=settings.buffer_wait_ms, retry_s=settings.buffer_retry_s
        )
        self.browser_ids = BrowserIds(self.redis)
        self.metrics = Metrics()
        self.watching = Watching(self.redis)
        self.figures = OwnFigures(self.metrics)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open connections and begin upkeep; at the end drain the buffer, then close."""
        await self.pool.open(wait=False)
        self.buffer.start()
        upkeep = [
            asyncio.create_task(self.sites.keep_fresh()),
            asyncio.create_task(self._keep_up()),
        ]
        # What lives as long as the process need not be looked through while requests wait.
        gc.collect()
        gc.freeze()
        try:
            yield
        finally:
            await self.buffer.drain()
            await end_tasks(upkeep)
            with suppress(RedisError):
                await self.metrics.flush(self.redis, datetime.now(UTC))
            await self.redis.aclose()
            await self.pool.close()

    async def read_backlog(self) -> Backlog:
        """What waits for the writer at this moment. Raises RedisError."""
        return await read_backlog(
            self.redis, events_per_entry=self.buffer.events_per_entry, now=datetime.now(UTC)
        )

    async def _keep_up(self) -> None:
        while True:
            try:
                await self._keep_up_once()
            except (RedisError, OSError) as error:
                log.warning("redis does not answer: %s", error)
            await asyncio.sleep(UPKEEP_S)

    async def _keep_up_once(self) -> None:
        now = datetime.now(UTC)
        self.browser_ids.forget_dead_salts(now)
        backlog = self.metrics.backlog = await self.read_backlog()
        memory = await self.redis.info("memory")
        self.buffer.close_gate(gate_reason(backlog, memory, self.settings))
        await self.metrics.flush(self.redis, now)
        await self.watching.refresh(now.timestamp())
        await self.redis.hset(FIGURES_KEY, own_field(PROCESS), stamped(self.figures.text()))
