"""Sessions lie apart by half of the visitors, so that one half is read without the other."""

from datetime import UTC, datetime

import pytest

from sql.engine import Engine, engine_of
from sql.halves import HALVES
from sql.planner_statistics import gather_statistics
from tests.pipeline import Pipeline
from tests.sql.test_rebuild import rows, view

DAYS = [datetime(2025, 10, 31, 12, tzinfo=UTC), datetime(2025, 11, 30, 23, 50, tzinfo=UTC)]
VISITORS = {
    HALVES[0]: [-(2**63), -(2**63) + 1, -7, -1],
    HALVES[1]: [0, 1, 9, 2**63 - 1],
}


@pytest.fixture(scope="module")
def site_id(pipeline: Pipeline) -> int:
    site_id = pipeline.new_site()
    pipeline.write(
        [view(site_id, who, day) for half in VISITORS.values() for who in half for day in DAYS]
    )
    pipeline.report()
    return site_id


def parts(pipeline: Pipeline, site_id: int, which: str) -> set[str]:
    text = "SELECT DISTINCT tableoid::regclass::text FROM sessions WHERE site_id = %s AND "
    return {str(name).rpartition(".")[2] for (name,) in rows(pipeline, text + which, site_id)}


@pytest.mark.parametrize(("which", "other"), [HALVES, HALVES[::-1]])
def test_a_half_is_read_without_the_other(
    pipeline: Pipeline, site_id: int, which: str, other: str
) -> None:
    text = f"SELECT visitor_id FROM sessions WHERE site_id = %s AND {which}"
    assert sorted(rows(pipeline, text, site_id)) == [
        (who,) for who in VISITORS[which] for _ in DAYS
    ]
    plan = " ".join(str(line) for (line,) in rows(pipeline, f"EXPLAIN {text}", site_id)).split()
    assert parts(pipeline, site_id, which) <= set(plan)
    assert parts(pipeline, site_id, other).isdisjoint(plan)
    assert len(parts(pipeline, site_id, other)) >= len(DAYS)


def test_the_parts_are_analysed_and_what_they_are_parts_of(pipeline: Pipeline) -> None:
    site_id = pipeline.new_site()
    pipeline.write([view(site_id, who, DAYS[0]) for who in range(-900, 900)])
    pipeline.report()
    gather_statistics(pipeline.conn)
    named = set.union(*(parts(pipeline, site_id, which) for which in HALVES))
    if engine_of(pipeline.conn) is Engine.PLAIN:
        named |= {"sessions"}
    analysed = rows(
        pipeline, "SELECT tablename FROM pg_stats WHERE attname = 'visitor_id' AND %s > 0", site_id
    )
    assert named <= {str(name) for (name,) in analysed}
