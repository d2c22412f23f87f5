"""Sending dead letters through the writer again."""

from jobs.process import open_redis
from sql.database import connect
from sql.dead_letters import replay_dead_letters


def replay(database_url: str, redis_url: str, letter_id: int | None) -> int:
    """Puts one dead letter, or all (None), back into its stream; returns how many."""
    with connect(database_url) as conn, open_redis(redis_url) as client:
        return replay_dead_letters(conn, client, letter_id)
