"""Tables as CSV."""

from tests.dashboard import RunningDashboard
from tests.sites import DAY, SiteUnderTest

LINK = f"/export.csv?site=shop&from={DAY}&to={DAY}&compare=none"


def test_a_table_is_exported_with_plain_numbers(
    site: SiteUnderTest, dashboard: RunningDashboard
) -> None:
    site.visit("ada", at="10:00", pages=["/", "/pricing"], every_s=60, country="DE")
    site.visit("bob", at="11:00", pages=["/"], country="DE")
    site.visit("eve", at="11:00", pages=["/"], country="FR")
    site.api.settle()
    answer = dashboard.client.get(f"{LINK}&card=locations&tab=country")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert f"shop-locations-{DAY}-{DAY}.csv" in answer.headers["content-disposition"]
    assert answer.text.splitlines() == [
        "country,visitors,sessions,pageviews,bounce_rate,session_duration_s,conversions,"
        "revenue_net,share",
        "DE,2,2,3,0.5,30.0,0,0,0.6666666666666666",
        "FR,1,1,1,1.0,0.0,0,0,0.3333333333333333",
    ]


def test_a_formula_is_made_harmless(site: SiteUnderTest, dashboard: RunningDashboard) -> None:
    site.event("=HYPERLINK(1)", "ada", at="10:00")
    site.api.settle()
    lines = dashboard.client.get(f"{LINK}&card=goals&tab=event").text.splitlines()
    assert lines[1].startswith("'=HYPERLINK(1),1,1,")


def test_what_cannot_be_exported_is_said(site: SiteUnderTest, dashboard: RunningDashboard) -> None:
    answer = dashboard.client.get(f"{LINK}&card=weather")
    assert answer.status_code == 400
    assert answer.text.startswith("there is no card 'weather'; there are sources, pages")
    missing = dashboard.client.get("/export.csv?site=nowhere&card=pages")
    assert missing.status_code == 400
    assert missing.text == "there is no site 'nowhere'; there are shop"
