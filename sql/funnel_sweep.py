"""The SQL that finds how deep each actor of a funnel gets, and how long the completing ones take.

Both sweeps go once over what an actor did, in order of time; simultaneous events are in whatever
order helps. Where no event can satisfy two steps a sweep goes from event to event and counts
simultaneous ones as earlier; otherwise it goes from instant to instant, and `runs` says how many
steps in a row one satisfies.
"""

from dataclasses import dataclass

_IN_TIME = "p{} >= ts - make_interval(secs => %(window_s)s)"


def runs_by_bits(steps: int) -> tuple[list[int], list[int]]:
    """By the bits of steps satisfied: the runs of one event, and of events each good for one step.

    Runs are four bits for every step: how many steps in a row can follow after it.
    """

    def packed(bits: int, most: int) -> int:
        total = 0
        for done in range(steps):
            run = 0
            while run < most and bits >> (done + run) & 1:
                run += 1
            total |= run << (4 * done)
        return total

    every = range(1 << steps)
    return [packed(bits, 1) for bits in every], [packed(bits, steps) for bits in every]


@dataclass(frozen=True)
class Sweep:
    """The sweeps over `steps` steps; exclusive: no event satisfies two of them."""

    steps: int
    is_exclusive: bool

    @property
    def _source(self) -> str:
        return "matched" if self.is_exclusive else "instants"

    def _over(self, order: str = "") -> str:
        frame = "" if self.is_exclusive else " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
        return f"OVER (PARTITION BY actor, value ORDER BY ts{order}{frame})"

    def _satisfies(self, done: int, count: int = 1) -> str:
        """Whether an event or instant satisfies `count` steps in a row after step `done`."""
        if self.is_exclusive:
            return f"mask >> {done} & 1 = 1"
        return f"(runs >> {4 * done} & 15) >= {count}"

    def forward(self) -> str:
        """The CTE `depths`: actor, value and the deepest step that any attempt reaches in time.

        l<k> is the latest start among the attempts that reach step k here, p<k> among those that
        reached it before: of attempts equally deep the latest start leaves the most time.
        """
        layer = f"SELECT *, CASE WHEN {self._satisfies(0)} THEN ts END AS l1 FROM {self._source}"
        for step in range(2, self.steps + 1):
            first = f", min(l1) {self._over()} AS f1" if step == 2 else ""
            before = (
                f"SELECT *, max(l{step - 1}) {self._over()} AS p{step - 1}{first}"
                f" FROM ({layer}) AS layer{step - 1}"
            )
            needed = self._needed() if step == 2 else ""
            layer = f"SELECT *, {self._latest(step)} AS l{step} FROM ({before}) AS b{step}{needed}"
        reached = " ".join(f"WHEN l{n} IS NOT NULL THEN {n}" for n in range(self.steps, 0, -1))
        return (
            f"depths AS MATERIALIZED (SELECT actor, value, max(CASE {reached} ELSE 0 END) AS depth"
            f" FROM ({layer}) AS swept GROUP BY actor, value)"
        )

    def _needed(self) -> str:
        """Drops what is good for the first step alone, but its first: p1 has taken it up."""
        if self.is_exclusive:
            return " WHERE p1 IS NOT NULL AND (mask <> 1 OR ts = f1)"
        return " WHERE runs <> 1 OR p1 IS NULL"

    def _latest(self, step: int) -> str:
        if self.is_exclusive:
            done = step - 1
            return f"CASE WHEN {self._satisfies(done)} AND {_IN_TIME.format(done)} THEN p{done} END"
        ways = [f"CASE WHEN {self._satisfies(0, step)} THEN ts END"] + [
            f"CASE WHEN {self._satisfies(done, step - done)} AND {_IN_TIME.format(done)}"
            f" THEN p{done} END"
            for done in range(1, step)
        ]
        return f"greatest({', '.join(ways)})"

    def backward(self) -> str:
        """The CTE `conversions`: value and the time from the earliest completing entry to its end.

        x<j> is the earliest end of an attempt that has j steps done and takes the next one here,
        q<j> of one that takes it later: the earliest next step is never the worse one. IS TRUE
        makes the planner hash the few who complete and not the many events.
        """
        last = self.steps - 1
        layer = (
            f"SELECT e.*, CASE WHEN {self._satisfies(last)} THEN ts END AS x{last}"
            f" FROM {self._source} e WHERE ((actor, value) IN ("
            f"SELECT actor, value FROM depths WHERE depth = {self.steps})) IS TRUE"
        )
        for done in range(self.steps - 2, -1, -1):
            after = (
                f"SELECT *, min(x{done + 1}) {self._over(' DESC')} AS q{done + 1}"
                f" FROM ({layer}) AS layer{done + 1}"
            )
            layer = f"SELECT *, {self._earliest(done)} AS x{done} FROM ({after}) AS after{done}"
        return (
            "conversions AS MATERIALIZED (SELECT DISTINCT ON (actor, value) value, x0 - ts AS took"
            f" FROM ({layer}) AS swept WHERE x0 - make_interval(secs => %(window_s)s) <= ts"
            " ORDER BY actor, value, ts, x0)"
        )

    def _earliest(self, done: int) -> str:
        if self.is_exclusive:
            return f"CASE WHEN {self._satisfies(done)} THEN q{done + 1} END"
        ways = [f"CASE WHEN {self._satisfies(done, self.steps - done)} THEN ts END"] + [
            f"CASE WHEN {self._satisfies(done, then - done)} THEN q{then} END"
            for then in range(done + 1, self.steps)
        ]
        return f"least({', '.join(ways)})"
