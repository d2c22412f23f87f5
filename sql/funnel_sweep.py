"""The SQL that finds how deep each actor of a funnel gets, and how long the completing ones take.

Both sweeps go once over an actor's instants. A group of simultaneous events may be in any order, so
the sweeps step from instant to instant; `runs` says how many steps in a row one instant satisfies.
"""

_EARLIER = (
    "(PARTITION BY actor, value ORDER BY ts {} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
)


def _satisfies(done: int, steps: int) -> str:
    """Whether an instant satisfies `steps` steps in a row after step `done`."""
    return f"(runs >> {4 * done} & 15) >= {steps}"


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


def forward(steps: int) -> str:
    """The CTE `depths`: actor, value and the deepest step that any attempt reaches in time.

    l<k> is the latest start among the attempts that reach step k at this instant, p<k> among those
    that reached it before: of attempts equally deep the latest start leaves the most time.
    """
    layer = f"SELECT *, CASE WHEN {_satisfies(0, 1)} THEN ts END AS l1 FROM instants"
    for step in range(2, steps + 1):
        before = (
            f"SELECT *, max(l{step - 1}) OVER {_EARLIER.format('')} AS p{step - 1}"
            f" FROM ({layer}) AS layer{step - 1}"
        )
        ways = [f"CASE WHEN {_satisfies(0, step)} THEN ts END"] + [
            f"CASE WHEN {_satisfies(done, step - done)}"
            f" AND p{done} >= ts - make_interval(secs => %(window_s)s) THEN p{done} END"
            for done in range(1, step)
        ]
        layer = f"SELECT *, greatest({', '.join(ways)}) AS l{step} FROM ({before}) AS before{step}"
    reached = " ".join(f"WHEN l{step} IS NOT NULL THEN {step}" for step in range(steps, 0, -1))
    return (
        f"depths AS MATERIALIZED (SELECT actor, value, max(CASE {reached} ELSE 0 END) AS depth"
        f" FROM ({layer}) AS swept GROUP BY actor, value)"
    )


def backward(steps: int) -> str:
    """The CTE `conversions`: value and the time from the earliest completing entry to its end.

    x<j> is the earliest end of an attempt that has j steps done before this instant and takes the
    next one at it, q<j> of one that takes it later: the earliest next step is never the worse one.
    """
    last = steps - 1
    layer = (
        f"SELECT g.*, CASE WHEN {_satisfies(last, 1)} THEN ts END AS x{last}"
        f" FROM instants g JOIN depths d USING (actor, value) WHERE d.depth = {steps}"
    )
    for done in range(steps - 2, -1, -1):
        after = (
            f"SELECT *, min(x{done + 1}) OVER {_EARLIER.format('DESC')} AS q{done + 1}"
            f" FROM ({layer}) AS layer{done + 1}"
        )
        ways = [f"CASE WHEN {_satisfies(done, steps - done)} THEN ts END"] + [
            f"CASE WHEN {_satisfies(done, then - done)} THEN q{then} END"
            for then in range(done + 1, steps)
        ]
        layer = f"SELECT *, least({', '.join(ways)}) AS x{done} FROM ({after}) AS after{done}"
    return (
        "conversions AS MATERIALIZED (SELECT DISTINCT ON (actor, value) value, x0 - ts AS took"
        f" FROM ({layer}) AS swept WHERE x0 - make_interval(secs => %(window_s)s) <= ts"
        " ORDER BY actor, value, ts)"
    )
