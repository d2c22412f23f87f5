"""What the browsers' work depends on."""

import re
from pathlib import Path

import pytest

SHEETS = sorted(Path("assets").glob("*.css"))
AFTER_HAS = re.compile(r":has\((?:[^()]|\([^()]*\))*\)\)*([^,{}]*)[,{]")


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_what_stands_right_of_a_has_is_named_by_a_class(sheet: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    tails = [tail.strip() for tail in AFTER_HAS.findall(text)]
    assert [tail for tail in tails if tail and not re.search(r"[.][\w-]|:is\([.]", tail)] == []


def test_there_are_rules_to_look_at() -> None:
    assert sum(":has(" in sheet.read_text(encoding="utf-8") for sheet in SHEETS) > 3
