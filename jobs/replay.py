"""Sending dead letters through the writer again."""

import hashlib

from jobs.process import open_redis
from sql.database import connect
from sql.dead_letters import drop_dead_letters, waiting_events
from sql.events import shard_of, stream_key


def replay(database_url: str, redis_url: str, letter_id: int | None) -> int:
    """Puts one dead letter, or all (None), back into its stream; returns how many.

    The batch id is made of the letter's number, so that a replay cut short and repeated does not
    count an event twice. A letter without a site (an undecodable entry) stays where it is.
    """
    count = 0
    with connect(database_url) as conn, open_redis(redis_url) as client:
        for number, site_id, payload in waiting_events(conn, letter_id):
            if site_id is None:
                continue
            batch_id = hashlib.blake2b(b"replay:%d" % number, digest_size=12).hexdigest()
            client.xadd(stream_key(shard_of(site_id)), {"batch_id": batch_id, "events": payload})
            count += drop_dead_letters(conn, number)
    return count
