"""The ledger forgets a batch only when nothing can bring it again."""

import importlib
from datetime import UTC, datetime, timedelta

import pytest
import redis

from jobs.broker import make_broker
from jobs.connections import connection, use_database
from jobs.ledger import prune_ledger
from sql.database import connect
from sql.dead_letters import drop_dead_letters, replay_batch_ids
from sql.events import stream_key

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("oldest_entry_days", "kept"),
    [
        (None, ["6"]),
        (1, ["6"]),
        (10, ["10", "6"]),
        (40, ["10", "30", "6"]),
    ],
)
def test_a_batch_is_remembered_while_an_older_entry_waits(
    database_url: str, redis_url: str, oldest_entry_days: int | None, kept: list[str]
) -> None:
    with connect(database_url) as conn, redis.Redis.from_url(redis_url) as client:
        for days in (6, 10, 30):
            conn.execute(
                "INSERT INTO batch_ledger VALUES (%s, %s)", (str(days), NOW - timedelta(days=days))
            )
        if oldest_entry_days is not None:
            at = NOW - timedelta(days=oldest_entry_days)
            client.xadd(stream_key(3), {"x": "x"}, id=f"{int(at.timestamp() * 1000)}-0")
        assert prune_ledger(conn, client, NOW) == 3 - len(kept)
        rows = conn.execute("SELECT batch_id FROM batch_ledger ORDER BY batch_id").fetchall()
    assert [row[0] for row in rows] == kept


def test_the_batch_of_a_replay_is_remembered_as_long_as_its_letter(
    database_url: str, redis_url: str
) -> None:
    with connect(database_url) as conn, redis.Redis.from_url(redis_url) as client:
        conn.execute("INSERT INTO dead_letters (batch_id, error, event) VALUES ('a', 'b', 'c')")
        (batch_id,) = replay_batch_ids(conn)
        long_ago = NOW - timedelta(days=300)
        conn.execute("INSERT INTO batch_ledger VALUES (%s, %s)", (batch_id, long_ago))
        assert prune_ledger(conn, client, NOW) == 0
        drop_dead_letters(conn, None)
        assert prune_ledger(conn, client, NOW) == 1


def test_the_job_prunes_by_its_own_brokers_redis(database_url: str, redis_url: str) -> None:
    broker = make_broker(redis_url)
    use_database(database_url)
    with connect(database_url) as conn:
        conn.execute("INSERT INTO batch_ledger VALUES ('old', '2020-01-01Z'), ('new', now())")
        importlib.import_module("jobs.actors.upkeep").ledger.fn()
        rows = conn.execute("SELECT batch_id FROM batch_ledger").fetchall()
    connection().close()
    broker.close()
    assert rows == [("new",)]
