"""Every field of an event: what is taken, what is made of it, what is refused and why."""

from typing import Any

import pytest

from ingest_api.agents import Agent
from ingest_api.events import KeptOut
from ingest_api.rejections import Rejected
from tests.ingest_api.wiring import (
    GERMANY,
    browser,
    collected,
    micros,
    said,
    site_rules,
    stored,
)

AMOUNT = '{"amount":99.99}'


def refusal(event: dict[str, Any] | str, **how: Any) -> tuple[str | None, str]:
    """Field and message of the rejection."""
    with pytest.raises(Rejected) as caught:
        collected(event, **how)
    return caught.value.field, caught.value.message


@pytest.mark.parametrize("field", ["name", "event_type", "eventType", "event", "action", "type"])
def test_the_name_has_many_spellings(field: str) -> None:
    assert stored(f'{{"{field}":"sign up"}}').name == "sign up"


def test_the_first_spelling_present_wins() -> None:
    event = '{"type":"track","event":"Signed Up","action":"a","user_id":"","userId":"u"}'
    assert (stored(event).name, stored(event).user_id) == ("Signed Up", "u")


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"userId": "a", "sessionId": "b"}, {"user_id": "a", "session_id": "b"}),
        ({"messageId": "m"}, {"event_id": "m"}),
        ({"eventId": "e", "messageId": "m"}, {"event_id": "e"}),
        ({"page": "/home/?x=1#y"}, {"path": "/home"}),
        ({"path": ""}, {}),
        ({"path": "/"}, {"path": "/"}),
        ({"path": "?utm_source=ads"}, {"path": "/", "utm_source": "ads"}),
        ({"url": "/a/b/"}, {"path": "/a/b"}),
        (
            {"url": "https://u:p@WWW.Shop.Example:8443/a/?utm_source=x&utm_term=%20&gclid=9#f"},
            {"hostname": "www.shop.example", "path": "/a", "utm_source": "x", "click_id": "gclid"},
        ),
        (
            {"url": "https://shop.example/a", "path": "/b"},
            {"hostname": "shop.example", "path": "/b"},
        ),
        ({"url": "https://shop.example"}, {"hostname": "shop.example", "path": "/"}),
        ({"title": " Hi ", "referrer": ""}, {"title": "Hi"}),
        ({"country": "de", "device": "Mobile"}, {"country": "DE", "device": "mobile"}),
        ({"country": "Germany"}, {"country": "DE"}),
        ({"country": "Atlantis"}, {"country": "Atlantis"}),
        ({"timezone": "Asia/Calcutta"}, {"country": "IN"}),
        ({"timezone": "Asia/Calcutta", "country": "FR"}, {"country": "FR"}),
        ({"timezone": "UTC"}, {}),
        ({"duration": 5000}, {"duration_ms": 5000}),
        ({"duration_ms": 12.6, "duration": 1}, {"duration_ms": 13}),
        ({"value": 99.99}, {"value": "99.99"}),
        ({"value": "99.990"}, {"value": "99.990"}),
        ({"value": " -5 "}, {"value": "-5"}),
        ({"value": "1e3"}, {"value": "1000"}),
        ({"value": ""}, {}),
        ({"value": None}, {}),
        ({"value": 0}, {"value": "0"}),
        ({"currency": "eur"}, {"currency": "EUR"}),
        ({"currency": ""}, {}),
        ({"properties": {}}, {}),
        ({"properties": None, "unknown": [1]}, {}),
        ({"metadata": {"amount": 99.99}}, {"value": "99.99", "properties": AMOUNT}),
        (
            {"data": {"total": "5.00", "currency": "USD"}},
            {"value": "5.00", "currency": "USD", "properties": '{"total":"5.00","currency":"USD"}'},
        ),
        (
            {"properties": {"value": "lots", "country": 7, "currency": "Taler"}},
            {"properties": '{"value":"lots","country":7,"currency":"Taler"}'},
        ),
        (
            {"properties": {"page": "/p", "value": 2}, "path": "/q", "value": 1},
            {"path": "/q", "value": "1", "properties": '{"page":"/p","value":2}'},
        ),
        (
            {"properties": {"a": 1}, "metadata": {"amount": 2}},
            {"value": "2", "properties": '{"a":1}'},
        ),
    ],
)
def test_fields_become_what_is_stored(event: dict[str, Any], expected: dict[str, Any]) -> None:
    assert said(event) == expected


def test_lifted_properties_fill_what_the_event_does_not_say() -> None:
    event = """{"eventType":"page_view","userId":"user123","sessionId":"session456","properties":
      {"page":"/products","title":"Products Page","referrer":"https://google.com",
       "device":"desktop","browser":"Chrome","country":"US"}}"""
    fields = said(event)
    del fields["properties"]
    assert fields == {
        "user_id": "user123",
        "session_id": "session456",
        "path": "/products",
        "title": "Products Page",
        "referrer": "https://google.com",
        "device": "desktop",
        "browser": "Chrome",
        "country": "US",
    }


def test_properties_are_kept_as_sent() -> None:
    text = '{"b": 1.10, "a":"\\u00e9", "big":12345678901234567890123}'
    assert stored(f'{{"name":"x","properties":{text}}}').properties == text


def test_a_number_passes_through_no_float() -> None:
    assert stored('{"name":"x","value":123456789012345.123456789}').value == (
        "123456789012345.123456789"
    )


@pytest.mark.parametrize("text", ["NA", "null", "007", " a", "ü" * 128])
def test_an_id_is_kept_as_sent(text: str) -> None:
    event = stored({"user_id": text, "session_id": text, "event_id": text})
    assert (event.user_id, event.session_id, event.event_id) == (text, text, text)


def test_a_whole_number_is_an_id_by_its_digits() -> None:
    assert stored({"user_id": 7, "event_id": 0}).user_id == "7"
    assert stored({"user_id": 7}).visitor_id == stored({"user_id": "7"}).visitor_id


@pytest.mark.parametrize(
    ("event", "field", "message"),
    [
        ("{}", "name", "name is missing; send what happened, such as page_view."),
        ('{"name":" "}', "name", "name is missing; send what happened, such as page_view."),
        ({"name": "n" * 65}, "name", "name has 65 characters; at most 64 are taken."),
        ({"name": "a\0"}, "name", 'name "a\\u0000" contains a NUL character; remove it.'),
        ({"user_id": "u" * 129}, "user_id", "user_id has 129 characters; at most 128 are taken."),
        (
            {"session_id": [1]},
            "session_id",
            "session_id must be text of 1 to 128 characters, not [1].",
        ),
        ({"title": 5}, "title", "title must be text, not 5."),
        ({"country": {"a": 1}}, "country", 'country must be text, not {"a":1}.'),
        ({"os": "a\0"}, "os", 'os "a\\u0000" contains a NUL character; remove it.'),
        ({"url": True}, "url", "url must be text, not true."),
        (
            {"value": "1,99"},
            "value",
            'value "1,99" is not a decimal number such as 19.99 or "19.99".',
        ),
        (
            {"value": True},
            "value",
            'value "true" is not a decimal number such as 19.99 or "19.99".',
        ),
        (
            {"value": "NaN"},
            "value",
            'value "NaN" is not a decimal number such as 19.99 or "19.99".',
        ),
        (
            {"value": "1e15"},
            "value",
            'value "1e15" is too large; at most 15 digits before the point are taken.',
        ),
        ({"currency": "Euro"}, "currency", 'currency "Euro" is not three letters such as EUR.'),
        (
            {"duration_ms": -1},
            "duration_ms",
            "duration_ms -1 is not a number of milliseconds from 0 to 2147483647.",
        ),
        ({"properties": [1]}, "properties", "properties must be an object, not [1]."),
        (
            {"properties": {str(n): n for n in range(65)}},
            "properties",
            "properties has 65 keys; at most 64 are taken.",
        ),
        (
            {"metadata": {"a": ["b\0"]}},
            "metadata",
            'metadata contains a NUL character in "b\\u0000"; remove it.',
        ),
        (
            '{"name":"x","properties":' + '{"a":' * 33 + "1" + "}" * 33 + "}",
            "properties",
            "properties is nested more than 32 levels deep.",
        ),
        (
            '{"name":"x","properties":{"a":1e400}}',
            "properties",
            "properties cannot be stored: the number 1e400 is beyond what can be stored - at "
            "`$[...]`.",
        ),
        (
            '{"name":"x","properties":{"a":' + "9" * 400 + "}}",
            "properties",
            "properties contains a number of more than 308 digits.",
        ),
        (
            {"timestamp": "yesterday"},
            "timestamp",
            'timestamp "yesterday" is no time; send ISO 8601 such as 2026-03-01T12:00:00Z, or '
            "epoch milliseconds.",
        ),
        (
            {"timestamp": "2026-03-11T12:00:01Z"},
            "timestamp",
            'timestamp "2026-03-11T12:00:01Z" is more than 24 hours ahead.',
        ),
        (
            {"timestamp": "0001-01-01T00:00:00+14:00"},
            "timestamp",
            'timestamp "0001-01-01T00:00:00+14:00" is more than 10 years old.',
        ),
        (
            {"timestamp": "9999-12-31T23:59:59-14:00"},
            "timestamp",
            'timestamp "9999-12-31T23:59:59-14:00" is more than 24 hours ahead.',
        ),
        (
            {"timestamp": 1773144000},
            "timestamp",
            "timestamp 1773144000 is more than 10 years old as milliseconds; it looks like "
            "seconds: multiply by 1,000.",
        ),
        ({"timestamp": True}, "timestamp", "timestamp true is no text or number; send ISO 8601 "
         "such as 2026-03-01T12:00:00Z, or epoch milliseconds."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_reason(
    event: dict[str, Any] | str, field: str, message: str
) -> None:
    assert refusal(event) == (field, message)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (None, "2026-03-10T12:00:00+00:00"),
        ("2026-03-10T10:00:00.123456Z", "2026-03-10T10:00:00.123456+00:00"),
        ("2026-03-10 10:00", "2026-03-10T10:00:00+00:00"),
        ("2026-03-10T10:00:00+05:45", "2026-03-10T04:15:00+00:00"),
        ("2026-03-11T12:00:00Z", "2026-03-11T12:00:00+00:00"),
        (1773133200123, "2026-03-10T09:00:00.123+00:00"),
        (1773133200123.5, "2026-03-10T09:00:00.123500+00:00"),
        ("1773133200123", "2026-03-10T09:00:00.123+00:00"),
        ("1773043022244", "2026-03-09T07:57:02.244+00:00"),  # ISO 8601 has it in 1773
        ("2016-03-10T12:00:00Z", "2016-03-10T12:00:00+00:00"),
    ],
)
def test_a_timestamp_is_an_instant(sent: object, expected: str) -> None:
    assert stored({"timestamp": sent}).ts_us == micros(expected)


def test_a_browser_may_not_send_what_is_older_than_a_day() -> None:
    old = {"timestamp": "2026-03-09T11:59:59Z"}
    assert stored(old).ts_us == micros("2026-03-09T11:59:59+00:00")
    assert refusal(old, client=browser())[0] == "timestamp"


def test_nothing_before_the_sites_raw_data_is_taken() -> None:
    site = site_rules(raw_from_us=micros("2026-03-01T00:00:00+00:00"))
    first = stored({"timestamp": "2026-03-01T00:00:00Z"}, site=site)
    assert first.ts_us == micros("2026-03-01T00:00:00+00:00")
    assert refusal({"timestamp": "2026-02-28T23:59:59Z"}, site=site) == (
        "timestamp",
        'timestamp "2026-02-28T23:59:59Z" is before 2026-03-01T00:00:00+00:00, where the site\'s '
        "data begins.",
    )


def test_kinds_of_identity_are_different_visitors() -> None:
    user = stored({"user_id": "7"}).visitor_id
    anonymous = stored({"anonymous_id": "7"}).visitor_id
    elsewhere = stored({"user_id": "7"}, site=site_rules(identity_key=b"l" * 32)).visitor_id
    assert len({user, anonymous, elsewhere, None}) == 4
    assert stored({"user_id": "7", "anonymous_id": "8"}).visitor_id == user


def test_the_visitor_is_a_keyed_hash() -> None:
    assert stored({"user_id": "7"}).visitor_id == 6936549984110939222


def test_a_server_side_event_without_identity_has_no_visitor() -> None:
    assert stored({"ip": "203.0.113.7", "user_agent": "Mozilla/5.0"}).visitor_id is None


def test_a_user_agent_is_only_believed_server_side() -> None:
    event = {"user_agent": "Mozilla/5.0 (iPad; CPU OS 16_1 like Mac OS X) Version/16.1 Safari/604"}
    assert stored(event).device == "tablet"
    desktop = browser(agent=Agent("desktop", "Firefox", "Linux"))
    assert said(event, client=desktop) == {"device": "desktop", "browser": "Firefox", "os": "Linux"}


def test_what_the_event_says_wins_over_what_is_derived() -> None:
    client = browser(agent=Agent("desktop", "Firefox", "Linux"), place=GERMANY)
    assert said({"os": "Haiku", "city": "Ottensen"}, client=client) == {
        "device": "desktop",
        "browser": "Firefox",
        "os": "Haiku",
        "country": "DE",
        "region": "Hamburg",
        "city": "Ottensen",
    }


def test_region_and_city_are_not_those_of_another_country() -> None:
    assert said({"country": "fr"}, client=browser(place=GERMANY)) == {"country": "FR"}


@pytest.mark.parametrize(
    ("client", "respects_dnt", "expected"),
    [
        (browser(agent=Agent(is_crawler=True)), True, KeptOut.BOT),
        (browser(agent=Agent(is_crawler=True), is_local=True), True, KeptOut.BOT),
        (browser(agent=Agent(is_tool=True)), True, KeptOut.BOT),
        (browser(agent=Agent(is_tool=True), is_local=True), True, None),
        (browser(wants_no_tracking=True), True, KeptOut.DNT),
        (browser(wants_no_tracking=True), False, None),
    ],
)
def test_bots_and_the_untracked_are_kept_out(
    client: Any, respects_dnt: bool, expected: KeptOut | None
) -> None:
    result = collected({}, client=client, site=site_rules(respects_dnt=respects_dnt))
    assert (result if isinstance(result, KeptOut) else None) == expected


def test_long_texts_are_shortened_to_bytes() -> None:
    event = stored({"title": "é" * 600, "path": "/" + "ü" * 3000, "referrer": "r" * 2001})
    assert (event.title, event.path) == ("é" * 250, "/" + "ü" * 999)
    assert event.referrer == "r" * 2000
