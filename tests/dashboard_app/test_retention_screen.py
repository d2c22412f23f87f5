"""The retention curve, the heatmap's table and its sentence are pure functions of cohorts."""

from datetime import UTC, date, datetime
from decimal import Decimal

from dashboard_app import formats
from dashboard_app.components.cohort_table import Cell, CohortRow, cohort_table
from dashboard_app.components.markup import to_html
from dashboard_app.figures.retention import retention_figure
from dashboard_app.panels.retention import Shown, from_first_visit, lead_sentence
from sql.retention import Cohort, Retention

EMPTY = Cohort(date(2026, 2, 23), 0, [0, 0, 0, 0], [True] * 4, [Decimal()] * 4)
OLD = Cohort(date(2026, 3, 2), 10, [10, 4, 1], [True, True, False], [Decimal(5)] * 3)
NEW = Cohort(date(2026, 3, 9), 30, [30, 3], [True, True], [Decimal(0), Decimal(15)])
FOUND = Retention("week", "bounded", datetime(2026, 3, 23, tzinfo=UTC), [EMPTY, OLD, NEW])


def test_the_average_value_pools_people_over_complete_cohorts() -> None:
    assert FOUND.average_ltv == [Decimal("0.125"), Decimal("0.5"), None, None]


def test_the_curve_begins_after_the_cohorts_own_period_and_ends_with_what_is_known() -> None:
    figure = retention_figure("Week", [1.0, 0.175, None], [[1, 0.4, 0.1]], formats.rate, start=1)
    cohort, average = figure["data"]
    assert (cohort["x"], cohort["y"]) == ([1, 2], [0.4, 0.1])
    assert (average["x"], average["y"]) == ([1, 2], [0.175, None])
    assert average["text"][0] == "Week 1<br><b>17.5%</b> on average"
    assert figure["layout"]["xaxis"]["ticktext"] == ["Week 1", "2"]
    assert figure["layout"]["yaxis"]["ticktext"] == ["0.0%", "10.0%", "20.0%", "30.0%", "40.0%"]


def test_the_sentence_names_the_first_and_the_last_complete_period() -> None:
    def told(shows: str, mode: str = "bounded") -> str:
        return lead_sentence(Shown(shows, "week", mode), from_first_visit(FOUND), "EUR")

    assert told("retention") == "Of new visitors, 17.5% in week 1 came back."
    assert told("retention", "unbounded") == "Of new visitors, 17.5% in week 1 or later came back."
    assert told("ltv") == "A new visitor brings in €0.12 by week 0 and €0.50 by week 1."


def test_cohorts_before_the_first_visitor_are_not_drawn() -> None:
    assert from_first_visit(FOUND).cohorts == [OLD, NEW]
    assert from_first_visit(Retention("week", "bounded", FOUND.as_of, [EMPTY])).cohorts == []


def test_incomplete_cells_are_hatched_and_texts_escaped() -> None:
    row = CohortRow("2 Mar", "10", [Cell("<1", 0.7, "a & b"), Cell("0%", 0, "", False)])
    html = to_html(cohort_table("Week", "people", CohortRow("Average", "10", [None] * 3), [row]))
    assert 'class="cohort-cell" data-tip="a &amp; b" style="--s:70%"' in html
    assert 'class="cohort-cell is-incomplete"' in html
    assert ">&lt;1<" in html
    assert '<td colSpan="1"></td></tr></tbody>' in html
