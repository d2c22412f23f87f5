"""That every event which was sent is where it belongs, once or, when nobody said so, not at all."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from sql.database import SyncConnection
from sql.verification import verify_site
from tests.faults.load import Load, Sender
from tests.faults.running import Running


def assert_exact(running: Running, load: Load) -> None:
    """Settles, and compares what was acknowledged with the events and all that follows from them.

    Every acknowledged event is there once, in the order sent; every other at most once.
    """
    running.settle()
    with running.connect() as conn:
        for sender in load.senders:
            _assert_stored(conn, sender)
            assert verify_site(conn, sender.site_id) == []
            _assert_reported(running, conn, sender)
        letters = conn.execute("SELECT error FROM dead_letters").fetchall()
    assert letters == []


def _assert_stored(conn: SyncConnection, sender: Sender) -> None:
    assert sender.unexpected == []
    rows = conn.execute(
        "SELECT (properties ->> 'mark')::int, batch_seq FROM events WHERE site_id = %s",
        (sender.site_id,),
    ).fetchall()
    stored = Counter(mark for mark, _ in rows)
    assert [mark for mark, times in stored.items() if times > 1] == []
    assert sorted(set(sender.acknowledged) - set(stored)) == []
    assert sorted(set(stored) - set(sender.acknowledged) - set(sender.unacknowledged)) == []
    batch_of = dict(rows)
    batches = [batch_of[mark] for mark in sender.acknowledged]
    assert batches == sorted(batches)
    assert len(batches) > 50


def _assert_reported(running: Running, conn: SyncConnection, sender: Sender) -> None:
    today = datetime.now(UTC).date()
    answer = running.get(
        "/api/v1/dashboard/overview",
        site_id=sender.slug,
        **{"from": str(today - timedelta(days=3)), "to": str(today + timedelta(days=1))},
    )
    row = conn.execute(
        "SELECT count(*), count(DISTINCT visitor_id), coalesce(sum(value), 0)::text"
        " FROM events WHERE site_id = %s",
        (sender.site_id,),
    ).fetchone()
    assert row is not None
    overview = answer["overview"]
    reported = overview["events"], overview["visitors"], float(overview["revenue_gross"])
    assert reported == (row[0], row[1], float(row[2]))
