"""User agents and places, by example."""

import pytest

from ingest_api.agents import parse_agent
from ingest_api.places import (
    Place,
    Places,
    country_of_header,
    country_of_zone,
    normalise_country,
    place_of,
)

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
CHROME = f"{WEBKIT} Chrome/140.0.0.0"


@pytest.mark.parametrize(
    ("user_agent", "device", "browser", "os"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36",
         "desktop", "Chrome", "Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36 Edg/140.0.0.0",
         "desktop", "Edge", "Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
         " Version/17.0 Safari/605.1.15", "desktop", "Safari", "macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like"
         " Gecko) Version/17.0 Mobile/15E148 Safari/604.1", "mobile", "Safari", "iOS"),
        ("Mozilla/5.0 (iPad; CPU OS 16_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
         " Version/16.1 Mobile/15E148 Safari/604.1", "tablet", "Safari", "iOS"),
        (f"Mozilla/5.0 (Linux; Android 13; Pixel 7) {CHROME} Mobile Safari/537.36",
         "mobile", "Chrome", "Android"),
        (f"Mozilla/5.0 (Linux; Android 13; SM-X700) {CHROME} Safari/537.36",
         "tablet", "Chrome", "Android"),
        (f"Mozilla/5.0 (Linux; Android 12; CUBOT X30) {CHROME} Mobile Safari/537.36",
         "mobile", "Chrome", "Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
         "desktop", "Firefox", "Linux"),
        (f"Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) {WEBKIT} SamsungBrowser/2.1 TV Safari/537.36",
         "tv", "Samsung Internet", "Tizen"),
        ("", None, None, None),
        ("something", None, None, None),
    ],
)  # fmt: skip
def test_an_agent_tells_device_browser_and_system(
    user_agent: str, device: str | None, browser: str | None, os: str | None
) -> None:
    agent = parse_agent(user_agent)
    assert (agent.device, agent.browser, agent.os) == (device, browser, os)
    assert not agent.is_crawler
    assert not agent.is_tool


@pytest.mark.parametrize(
    ("user_agent", "is_crawler", "is_tool"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", True, False),
        ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", True, False),
        ("facebookexternalhit/1.1", True, False),
        ("Mozilla/5.0 AppleWebKit/537.36 (compatible; GPTBot/1.2; +https://openai.com/gptbot)",
         True, False),
        ("Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)", True, False),
        ("curl/8.5.0", False, True),
        ("python-httpx/0.28.1", False, True),
        (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} HeadlessChrome/140.0.0.0 Safari/537.36",
         False, True),
    ],
)  # fmt: skip
def test_bots_are_recognised(user_agent: str, is_crawler: bool, is_tool: bool) -> None:
    agent = parse_agent(user_agent)
    assert (agent.is_crawler, agent.is_tool) == (is_crawler, is_tool)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("de", "DE"),
        (" US ", "US"),
        ("uk", "GB"),
        ("germany", "DE"),
        ("United States", "US"),
        ("Czechia", "CZ"),
        ("Atlantis", "Atlantis"),
        ("Россия", "Россия"),
    ],
)
def test_a_country_is_two_capital_letters_where_it_can_be(sent: str, expected: str) -> None:
    assert normalise_country(sent) == expected


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Europe/Berlin", "DE"),
        ("Europe/Oslo", "NO"),
        ("US/Pacific", "US"),
        ("Asia/Calcutta", "IN"),
        ("UTC", None),
        ("Etc/GMT+5", None),
        ("Mars/Base", None),
        (5, None),
        (None, None),
    ],
)
def test_a_time_zone_has_a_country(zone: object, expected: str | None) -> None:
    assert country_of_zone(zone) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(b"de", "DE"), (b"XX", None), (b"T1", None), (b"", None), (None, None), (b"\xff\xff", None)],
)
def test_a_proxy_names_the_country(value: bytes | None, expected: str | None) -> None:
    assert country_of_header(value) == expected


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (
            {
                "country": {"iso_code": "DE", "names": {"en": "Germany"}},
                "subdivisions": [{"names": {"en": "Hamburg", "de": "Hamburg"}}],
                "city": {"names": {"en": "Altona"}},
            },
            Place("DE", "Hamburg", "Altona"),
        ),
        ({"country": {"iso_code": "FR"}}, Place("FR")),
        ({"country": "at", "city": "Wien"}, Place("AT", None, "Wien")),
        ({"continent": {}}, Place()),
    ],
)
def test_records_of_both_databases_are_read(record: dict[str, object], expected: Place) -> None:
    assert place_of(record) == expected


def test_without_a_database_an_address_has_no_place() -> None:
    assert Places(None).of_address("203.0.113.7") == Place()
