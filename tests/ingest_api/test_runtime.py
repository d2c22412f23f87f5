"""How the background work of an API process ends."""

import asyncio

from ingest_api.runtime import end_tasks


async def deaf_once() -> None:
    """Takes its first cancellation for a time-out, as a client library can."""
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        await asyncio.sleep(60)


def test_a_task_that_swallows_a_cancellation_ends_all_the_same() -> None:
    async def run() -> bool:
        task = asyncio.create_task(deaf_once())
        await asyncio.sleep(0)
        await asyncio.wait_for(end_tasks([task]), timeout=5)
        return task.cancelled()

    assert asyncio.run(run())
