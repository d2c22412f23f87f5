"""Entries and events that nobody can store: kept aside with the reason, their neighbours stored."""

import json
import secrets
import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from sql.events import CollectedEvent, encode_batch, shard_of, stream_key
from sql.verification import verify_site
from tests.faults.running import Running


def _event(site_id: int, name: str, **fields: Any) -> CollectedEvent:
    now_us = time.time_ns() // 1000
    return CollectedEvent(site_id, name, now_us, now_us, visitor_id=1, **fields)


def _add(running: Running, site_id: int, *events: CollectedEvent) -> None:
    _add_entry(running, site_id, batch_id=secrets.token_hex(12), events=encode_batch(events))


def _add_entry(running: Running, site_id: int, **fields: Any) -> None:
    with redis.Redis.from_url(running.instance.redis_url) as client:
        client.xadd(stream_key(shard_of(site_id)), dict(fields))


def _stored(running: Running, site_id: int) -> list[str]:
    """Names of the events of a site, in the order of the alphabet."""
    with running.connect() as conn:
        rows = conn.execute(
            "SELECT l.value FROM events e JOIN labels l ON l.site_id = e.site_id"
            " AND l.label_id = e.name_id WHERE e.site_id = %s ORDER BY l.value",
            (site_id,),
        ).fetchall()
    return [row[0] for row in rows]


def _letters(running: Running) -> list[tuple[int, str]]:
    """Number and reason of each dead letter, oldest first."""
    with running.connect() as conn:
        return conn.execute(
            "SELECT dead_letter_id, error FROM dead_letters ORDER BY dead_letter_id"
        ).fetchall()


@pytest.fixture(autouse=True)
def _no_letters_stay(running: Running) -> Iterator[None]:
    yield
    with running.connect() as conn:
        conn.execute("DELETE FROM dead_letters")


def test_what_cannot_be_stored_goes_to_the_dead_letters(running: Running) -> None:
    site = running.new_site("poison")
    nul = r'{"a": "\u0000"}'
    _add(running, site, _event(site, "a"), _event(site, "x", properties=nul), _event(site, "b"))
    _add_entry(running, site, batch_id=secrets.token_hex(12), events=b"\xc1garbage")
    _add_entry(running, site, batch_id=b"\xff\x00", events=encode_batch([_event(site, "y")]))
    _add(running, site, _event(site, "c"), _event(site, "z", value="ten"))
    running.until(lambda: len(_letters(running)) == 4, 30)
    running.settle()

    assert _stored(running, site) == ["a", "b", "c"]
    value, garbage, batch_id, jsonb = sorted(_letters(running), key=lambda letter: letter[1])
    assert value[1].startswith("InvalidOperation")
    assert garbage[1].startswith("MessagePack data is malformed")
    assert batch_id[1] == "batch_id b'\\xff\\x00' is not 24 lower-case hexadecimal characters"
    assert jsonb[1] == "unsupported Unicode escape sequence"
    listed = running.command("dead-letters", "list").stdout
    assert "unsupported Unicode escape sequence" in listed
    shown = json.loads(running.command("dead-letters", "show", str(jsonb[0])).stdout)
    assert shown["event"]["name"] == "x"
    assert shown["event"]["properties"] == nul

    assert running.command("dead-letters", "drop", str(value[0])).returncode == 0
    assert running.command("dead-letters", "drop", "--all").returncode == 0
    assert _letters(running) == []
    with running.connect() as conn:
        assert verify_site(conn, site) == []


def test_a_replayed_dead_letter_is_stored_once_its_reason_is_gone(running: Running) -> None:
    known = running.new_site("replay-known")
    coming = known + 1
    _add(running, coming, _event(coming, "early", event_id="one"), _event(known, "neighbour"))
    running.until(lambda: len(_letters(running)) == 1, 30)
    ((number, error),) = _letters(running)
    assert error == f"site {coming} does not exist any more"

    again = running.command("dead-letters", "replay", str(number))
    assert again.returncode == 0, again.stderr
    running.until(lambda: [letter for letter, _ in _letters(running)] not in ([], [number]), 30)
    assert running.new_site("replay-coming") == coming
    assert running.command("dead-letters", "replay", "--all").returncode == 0
    running.settle()

    assert _letters(running) == []
    assert _stored(running, coming) == ["early"]
    assert _stored(running, known) == ["neighbour"]
