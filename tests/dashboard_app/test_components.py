"""What tiles, rows and pills say."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from dashboard_app.components.frame import clause_text
from dashboard_app.components.hours import hours_table
from dashboard_app.components.markup import to_html
from dashboard_app.components.rows import Row, row_list
from dashboard_app.components.states import empty_rows, failure
from dashboard_app.components.tile import Tile, tile
from dashboard_app.components.world import SHAPES, CountryVisitors, world_map
from dashboard_app.filters import Clause
from dashboard_app.metrics import metric_of, verdict
from sql.database import Disconnected
from sql.traffic import HourCell

BOUNCES = Tile(
    metric=metric_of("bounce_rate"),
    value=0.4,
    before=0.5,
    currency="USD",
    trend="down",
    sparkline=None,
    as_of="14:32:07",
    href="?metric=bounce_rate",
)


def text(component: object) -> str:
    """The visible text, parts separated by one space."""
    return re.sub(r"(\s*<[^>]*>\s*)+", " ", to_html(component)).strip()


def test_a_tile_says_what_it_means_and_how_sure_it_is() -> None:
    said = text(tile(BOUNCES))
    assert said.startswith("Bounce rate 40.0% −20% Bounce rate: 40.0% Sessions with exactly one")
    assert said.endswith(
        "Compared with 50.0% before Trend: falling over the last weeks exact · as of 14:32:07"
    )


def test_a_falling_bounce_rate_is_green() -> None:
    assert 'class="change better"' in to_html(tile(BOUNCES))
    assert verdict(metric_of("visitors"), -0.2) == "worse"
    assert verdict(metric_of("visitors"), 0.0001) == "same"
    assert verdict(metric_of("visitors"), None) == "same"


def test_a_tile_without_comparison_shows_no_change() -> None:
    said = text(tile(replace(BOUNCES, before=None, trend=None)))
    assert said.startswith("Bounce rate 40.0% Bounce rate: 40.0%")
    assert "before" not in said


def test_revenue_is_exact_on_hover() -> None:
    props = replace(
        BOUNCES, metric=metric_of("revenue"), value=Decimal("158712.35"), before=None, trend=None
    )
    assert text(tile(props)).startswith("Revenue $158.7k Revenue: $158,712.35 Purchases less")


def test_rows_show_a_bar_a_number_and_a_change() -> None:
    rows = [
        Row("Germany", "1,200", "?filters=de", 1.0, change=0.12, is_on=True, code="DE"),
        Row("France", "300", "?filters=fr", 0.25, is_new=True),
        Row("(not known)", "9", None, 0.01),
    ]
    markup = to_html(row_list("Country", "Visitors", rows, compares=True))
    assert text(row_list("Country", "Visitors", rows, compares=True)) == (
        "Country Visitors Change DE Germany 1,200 +12% France 300 new (not known) 9 –"
    )
    assert '<a style="--w:100.0%"' in markup or 'style="--w:100.0%"' in markup
    assert 'class="row is-on"' in markup
    assert markup.count("<a ") == 2


@pytest.mark.parametrize(
    ("clause", "said"),
    [
        (Clause("is", "country", ("DE", "FR")), "Country is Germany or France"),
        (Clause("is_not", "device", ("mobile",)), "Device is not Mobile"),
        (Clause("contains", "page", ("/blog",)), "Page contains /blog"),
        (Clause("is", "property:plan", ("pro",)), "plan is pro"),
        (Clause("is", "weekday", ("1",)), "Weekday is Monday"),
        (Clause("custom", "", (), '["or",[]]'), "Combined filter"),
    ],
)
def test_pills_say_the_filter_as_people_do(clause: Clause, said: str) -> None:
    assert clause_text(clause) == said


def test_an_empty_card_says_why() -> None:
    assert text(empty_rows(False, "?")) == "Nothing in this period yet"
    assert text(empty_rows(True, "?")) == "Nothing matches the filters. Clear them"


def test_a_failed_panel_says_which_and_why_and_retries() -> None:
    markup = to_html(failure("Sources", Disconnected("server closed\nmore of it")))
    assert text(failure("Sources", Disconnected("server closed\nmore of it"))) == (
        "Sources could not be loaded The database does not answer: server closed Try again"
    )
    assert "loaded no such site Try" in text(failure("Sources", LookupError("no such site")))
    assert 'data-action="refresh"' in markup


def test_the_hours_of_the_week_have_a_square_each_with_events_or_without() -> None:
    cells = [HourCell(1, 9, 4, 5, 4), HourCell(7, 23, 1, 1, 1)]
    table = hours_table(cells, lambda day, hour: f"?{day}-{hour}", lambda day, hour: day == hour)
    squares = re.findall(r"<a [^>]*>", to_html(table))
    assert len(squares) == 7 * 24
    for part in ('href="?1-9"', "--s:100%", 'aria-label="Monday, 09:00–10:00\n4 visitors"'):
        assert part in squares[9]
    assert "--s:0%" in squares[10]
    assert 'class="hour is-on" aria-current="true"' in squares[24 + 2]
    assert 'aria-label="Sunday, 23:00–00:00\n1 visitor"' in squares[-1]
    stops = ['tabindex="0"' in square for square in squares]
    assert stops.index(True) == 1
    assert sum(stops) == 1


def test_the_map_links_the_land_of_each_country_by_its_visitors() -> None:
    germany = CountryVisitors("DEU", "Germany", 30, '?filters=["is","country",["DE"]]')
    france = CountryVisitors("FRA", "France", 10, "?b")
    links = re.findall(r"<a .*?</a>", world_map([germany, france]), re.DOTALL)
    assert 'aria-label="Germany\n30 visitors · 75.0%"' in links[0]
    assert 'href="?filters=[&quot;is&quot;,&quot;country&quot;,[&quot;DE&quot;]]"' in links[0]
    assert "--s:1.00" in links[0]
    assert '<use href="#land-FRA"/>' in links[1]
    assert all(f'id="land-{each.alpha3}"' in SHAPES for each in (germany, france))
