"""What the browsers' work depends on."""

import re
from pathlib import Path

import pytest

SHEETS = sorted(Path("assets").glob("*.css"))
Color = tuple[int, int, int]
LEAST_CONTRAST = 4.5
"""WCAG 2.1 AA for text."""
AFTER_HAS = re.compile(r":has\((?:[^()]|\([^()]*\))*\)\)*([^,{}]*)[,{]")


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_what_stands_right_of_a_has_is_named_by_a_class(sheet: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    tails = [tail.strip() for tail in AFTER_HAS.findall(text)]
    assert [tail for tail in tails if tail and not re.search(r"[.][\w-]|:is\([.]", tail)] == []


def test_there_are_rules_to_look_at() -> None:
    assert sum(":has(" in sheet.read_text(encoding="utf-8") for sheet in SHEETS) > 3


def tokens(scheme: str) -> dict[str, Color]:
    """Colours of the light or the dark stylesheet by name."""
    blocks = re.findall(r"\{([^{}]*--ground:[^{}]*)\}", Path("assets/base.css").read_text("utf-8"))
    shown: dict[str, Color] = {}
    for block in blocks[: 1 if scheme == "light" else 2]:
        for name, digits in re.findall(r"--([\w-]+): #([0-9a-f]{3,6});", block):
            whole = digits if len(digits) == 6 else "".join(each * 2 for each in digits)
            shown[name] = (int(whole[:2], 16), int(whole[2:4], 16), int(whole[4:], 16))
    return shown


def luminance(color: Color) -> float:
    """Relative luminance, https://www.w3.org/TR/WCAG21/#dfn-relative-luminance."""
    shares = [each / 255 for each in color]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    """Contrast ratio, 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mixed(color: Color, share: float, ground: Color) -> Color:
    """`share` of a colour over a ground."""
    red, green, blue = (
        round(a * share + b * (1 - share)) for a, b in zip(color, ground, strict=True)
    )
    return red, green, blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_read_easily_on_every_ground(scheme: str) -> None:
    shown = tokens(scheme)
    grounds = {name: shown[name] for name in ("ground", "surface", "raised", "hover")}
    faint = {
        (text, ground): round(contrast(shown[text], color), 2)
        for ground, color in grounds.items()
        for text in ("text", "text-2", "muted", "accent", "better", "worse")
        if contrast(shown[text], color) < LEAST_CONTRAST
    }
    assert faint == {}
    for text in ("accent", "better", "worse"):
        soft = mixed(shown[text], 0.13, shown["surface"])
        assert contrast(shown[text], soft) >= LEAST_CONTRAST, text
