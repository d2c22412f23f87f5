"""Answers kept in Redis, on a real one."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from redis.asyncio import Redis

from dashboard_app.answers import Answers
from dashboard_app.kept_rows import pack, unpack


@dataclass(frozen=True)
class Figures:
    day: date | datetime
    revenue: Decimal | None
    shares: list[float]


ROW = Figures(date(2026, 3, 10), Decimal("0.10"), [0.5])


@pytest.mark.parametrize(
    "answer",
    [
        ROW,
        [ROW, Figures(datetime(2026, 3, 10, 9, tzinfo=UTC), None, [])],
        [],
        None,
        date(2026, 3, 10),
        {"visitors": "up"},
    ],
)
def test_rows_come_back_as_they_were(answer: object) -> None:
    assert unpack(pack(answer), {"Figures": Figures}) == answer


def test_a_class_that_nobody_named_is_not_built() -> None:
    with pytest.raises(KeyError, match="Figures"):
        unpack(pack(ROW), {})


def counting(asked: list[int]) -> Callable[[], Awaitable[Figures]]:
    async def ask() -> Figures:
        asked.append(1)
        await asyncio.sleep(0.01)
        return ROW

    return ask


def test_ten_viewers_cost_one_query(redis_url: str) -> None:
    asked: list[int] = []

    async def view() -> list[Figures]:
        async with Redis.from_url(redis_url) as redis:
            first, second = (Answers(redis, [Figures]) for _ in range(2))
            together = await asyncio.gather(
                *(first.get(("overview", 1), counting(asked)) for _ in range(8))
            )
            later = await first.get(("overview", 1), counting(asked))
            for _ in range(500):
                if await redis.keys("tideline:answers:*"):
                    break
                await asyncio.sleep(0.01)
            return [*together, later, await second.get(("overview", 1), counting(asked))]

    assert asyncio.run(view()) == [ROW] * 10
    assert len(asked) == 1


def test_another_question_is_asked_again(redis_url: str) -> None:
    asked: list[int] = []

    async def view() -> None:
        async with Redis.from_url(redis_url) as redis:
            answers = Answers(redis, [Figures])
            for as_of in (datetime(2026, 3, 10, tzinfo=UTC), datetime(2026, 3, 11, tzinfo=UTC)):
                await answers.get(("overview", 1, as_of), counting(asked))

    asyncio.run(view())
    assert len(asked) == 2


def test_without_redis_the_database_answers(tmp_path: object) -> None:
    asked: list[int] = []

    async def view() -> Figures:
        async with Redis.from_url(f"unix://{tmp_path}/none.sock") as redis:
            return await Answers(redis, [Figures]).get(("overview", 1), counting(asked))

    assert asyncio.run(view()) == ROW
    assert len(asked) == 1


def test_a_failure_is_not_kept(redis_url: str) -> None:
    async def fail() -> Figures:
        raise LookupError("no such site")

    async def view() -> Figures:
        async with Redis.from_url(redis_url) as redis:
            answers = Answers(redis, [Figures])
            with pytest.raises(LookupError, match="no such site"):
                await answers.get(("overview", 1), fail)
            return await answers.get(("overview", 1), counting([]))

    assert asyncio.run(view()) == ROW
