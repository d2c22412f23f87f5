"""Cohorts as a heatmap: a row each, a column for every period of their age."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import html

from dashboard_app.components.links import aria, tip


@dataclass(frozen=True)
class Cell:
    """A cohort's period: what is written, how strong its colour is (0-1), what hover says."""

    text: str
    strength: float
    hint: str
    is_complete: bool = True


@dataclass(frozen=True)
class CohortRow:
    """A cohort, or the average over them; a None cell has no value."""

    label: str
    size: str
    cells: Sequence[Cell | None]


def cohort_table(
    unit: str, size_hint: str, average: CohortRow, rows: Sequence[CohortRow]
) -> html.Div:
    """The table; it scrolls sideways below its heading columns."""
    periods = len(average.cells)
    head = [
        html.Th("Cohort", scope="col"),
        html.Th("Visitors", scope="col", tabIndex="0", **tip(size_hint)),
        *(html.Th(f"{unit} {n}" if n == 0 else str(n), scope="col") for n in range(periods)),
    ]
    body = [_row(average, periods, "cohort-average"), *(_row(row, periods) for row in rows)]
    table = html.Table([html.Thead(html.Tr(head)), html.Tbody(body)], className="cohorts")
    return html.Div(table, className="scroll-x", tabIndex="0", **aria(label="Cohorts"))


def _row(row: CohortRow, periods: int, class_name: str | None = None) -> html.Tr:
    rest = periods - len(row.cells)
    return html.Tr(
        [
            html.Th(row.label, scope="row"),
            html.Td(row.size, className="cohort-size"),
            *(_cell(cell) for cell in row.cells),
            *([html.Td(colSpan=rest)] if rest else []),
        ],
        className=class_name,
    )


def _cell(cell: Cell | None) -> html.Td:
    if cell is None:
        return html.Td("–", className="cohort-none")
    names = "cohort-cell" if cell.is_complete else "cohort-cell is-incomplete"
    style: dict[str, Any] = {"--s": f"{cell.strength * 100:.0f}%"}
    return html.Td(cell.text, className=names, style=style, **tip(cell.hint))
