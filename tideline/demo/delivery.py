"""How events reach the server: mostly at once, some late, some twice."""

from random import Random

from tideline.demo.rhythm import DAY_MS, MINUTE_MS
from tideline.demo.trail import Timed

LATE_VISIT_SHARE = 0.025
LONGEST_DELAY_MS = DAY_MS
SHORTEST_DELAY_MS = 3 * MINUTE_MS
RESENT_VISIT_SHARE = 0.03
LONGEST_RESEND_MS = 20 * MINUTE_MS


def deliver(events: list[Timed], rng: Random) -> list[Timed]:
    """Give (arrival in epoch ms, event), the events of one visit given at their own instants.

    The end of a late visit arrives minutes to a day later, as from a phone that was offline; a
    resent event arrives a second time, unchanged.
    """
    arrivals = events
    if rng.random() < LATE_VISIT_SHARE:
        first = int(rng.random() * len(events))
        delay = int(SHORTEST_DELAY_MS * (LONGEST_DELAY_MS / SHORTEST_DELAY_MS) ** rng.random())
        back = events[-1][0] + delay
        arrivals = [
            (back if place >= first else at_ms, event)
            for place, (at_ms, event) in enumerate(events)
        ]
    if rng.random() < RESENT_VISIT_SHARE:
        at_ms, event = rng.choice(arrivals)
        again = at_ms + 800 + int(rng.random() * LONGEST_RESEND_MS)
        arrivals = [*arrivals, (again, event)]
    return arrivals
