"""What became of an import: how many events, and why the others were not taken."""

import dataclasses
import re
from dataclasses import dataclass

LINES_SHOWN = 5
VARYING = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|[-+]?\d[\d.,:TZ+-]*')


@dataclass
class Reason:
    """One kind of rejection: its first message, how often, and the first lines."""

    field: str | None
    example: str
    count: int = 0
    lines: list[int] = dataclasses.field(default_factory=list)


@dataclass
class Summary:
    """The counts of an import; reasons that differ only in the values they quote are one."""

    accepted: int = 0
    reasons: dict[tuple[str | None, str], Reason] = dataclasses.field(default_factory=dict)

    @property
    def rejected(self) -> int:
        """How many events were not taken."""
        return sum(reason.count for reason in self.reasons.values())

    def reject(self, line: int, field: str | None, message: str) -> None:
        """Count one rejection."""
        key = (field, VARYING.sub("…", message))
        reason = self.reasons.setdefault(key, Reason(field, message))
        reason.count += 1
        if len(reason.lines) < LINES_SHOWN:
            reason.lines.append(line)

    def by_count(self) -> list[Reason]:
        """The reasons, the most frequent first."""
        return sorted(self.reasons.values(), key=lambda reason: -reason.count)
