"""SQL of people: the distinct visitors of selected sessions, also by the values of dimensions.

A visitor is read once. The frequent values of all dimensions have a bit each, in as few masks as
hold them; the bits of the values that a visitor was seen with tell which ones count it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sql.filters import LOW_DIMENSIONS
from sql.text import filled

MOST_BITS = 62
"""Values of a dimension that have a bit; a mask holds as many."""


@dataclass(frozen=True)
class People:
    """Where visitors are counted."""

    relation: str
    """Of shares, or of sessions that need not be parted."""
    which: tuple[str, ...]
    """Conditions that part the visitors."""
    more: str = ""
    order: str = ""
    """In which the visitors themselves are read; none: each may be looked up."""


@dataclass(frozen=True)
class _Bits:
    """Where the values of a dimension have their bits."""

    mask: int
    first: int
    ids: Sequence[int]

    def of(self, column: str) -> str:
        """The bit of a column's value, 0 when it has none."""
        places = " ".join(
            f"WHEN {by_id} THEN {1 << (self.first + place)}" for place, by_id in enumerate(self.ids)
        )
        return f"CASE {column} {places} ELSE 0 END" if places else "0"


def people_of(people: Sequence[People], values: Mapping[str, Sequence[int]]) -> str:
    """The text that adds grouped, masked and people to a WITH that has shares.

    `values`: of each dimension the most frequent, most frequent first, at most MOST_BITS; where
    there is one alone, all visitors have it.
    """
    bits = _bits_of({name: ids for name, ids in values.items() if len(ids) != 1})
    count = max((each.mask + 1 for each in bits.values()), default=0)
    masks = "".join(f"mask_{number}, " for number in range(count))
    masking = "".join(
        f"bit_or(({' | '.join(seen)})::bigint) AS mask_{number}, "
        for number in range(count)
        if (seen := [b.of(f"s.{name}_id") for name, b in bits.items() if b.mask == number])
    )
    groups = []
    for each in people:
        texts = {
            "masks": masks,
            "masking": masking,
            "from": each.relation,
            "more": each.more,
            "visitors": filled("selection/people_visitors", {"order": each.order}),
        }
        arms = [filled("selection/people_arm", {**texts, "which": own}) for own in each.which]
        group = {"masks": masks, "arms": "\nUNION ALL\n".join(arms)}
        groups.append(filled("selection/people_group", group))
    texts = {
        "groups": "\nUNION ALL\n".join(groups),
        "masks": masks,
        "counts": "\n".join(_counts(name, bits.get(name)) for name in values),
    }
    return filled("selection/people", texts)


def _bits_of(values: Mapping[str, Sequence[int]]) -> dict[str, _Bits]:
    """The dimension with most values first; each in the first mask that has room for all of its."""
    taken: list[int] = []
    bits = {}
    for name, ids in sorted(values.items(), key=lambda item: -len(item[1])):
        room = (number for number, used in enumerate(taken) if used + len(ids) <= MOST_BITS)
        mask = next(room, len(taken))
        if mask == len(taken):
            taken.append(0)
        bits[name] = _Bits(mask, taken[mask], ids)
        taken[mask] += len(ids)
    return bits


def _counts(name: str, bits: _Bits | None) -> str:
    texts = {"name": name, "number": str(LOW_DIMENSIONS[name])}
    if bits is None:
        return filled("selection/people_same", texts)
    where = {"column": f"{name}_id", "mask": f"mask_{bits.mask}", "first": str(bits.first)}
    return filled("selection/people_counts", {**texts, **where})
