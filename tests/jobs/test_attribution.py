"""Sources and channels, by example."""

import pytest

from jobs.attribution import attribute


def of(
    referrer: str | None = None,
    *,
    source: str | None = None,
    medium: str | None = None,
    click: str | None = None,
) -> tuple[str, str, str | None]:
    """Source, channel and referrer of a page view on www.shop.example."""
    return attribute(
        referrer=referrer,
        hostname="www.shop.example",
        utm_source=source,
        utm_medium=medium,
        click_id=click,
    )


@pytest.mark.parametrize(
    ("referrer", "expected"),
    [
        (None, ("Direct", "Direct", None)),
        ("", ("Direct", "Direct", None)),
        ("(direct)", ("Direct", "Direct", None)),
        ("about:blank", ("Direct", "Direct", None)),
        ("javascript:alert(1)", ("Direct", "Direct", None)),
        ("/products?x=1", ("Direct", "Direct", None)),
        ("https://shop.example/cart", ("Direct", "Direct", None)),
        ("http://WWW.shop.example:8080/", ("Direct", "Direct", None)),
        ("https://blog.shop.example/a/", ("blog.shop.example", "Referral", "blog.shop.example/a")),
        ("https://t.example/x?y=1#z", ("t.example", "Referral", "t.example/x")),
        ("https://google.com", ("Google", "Organic Search", "google.com")),
        ("https://www.google.co.uk/", ("Google", "Organic Search", "google.co.uk")),
        ("google.com", ("Google", "Organic Search", "google.com")),
        ("https://google.evil.com/", ("google.evil.com", "Referral", "google.evil.com")),
        ("https://notgoogle.com/", ("notgoogle.com", "Referral", "notgoogle.com")),
        ("https://mail.google.com/", ("Gmail", "Email", "mail.google.com")),
        ("https://docs.google.com/d/1", ("Google Docs", "Referral", "docs.google.com/d/1")),
        ("https://gemini.google.com/", ("Gemini", "AI Assistants", "gemini.google.com")),
        ("android-app://com.google.android.gm", ("Gmail", "Email", "com.google.android.gm")),
        ("HTTPS://www.Bing.com/search?q=x", ("Bing", "Organic Search", "bing.com/search")),
        ("https://de.search.yahoo.com/", ("Yahoo!", "Organic Search", "de.search.yahoo.com")),
        ("https://duckduckgo.com/", ("DuckDuckGo", "Organic Search", "duckduckgo.com")),
        ("https://yandex.ru/", ("Yandex", "Organic Search", "yandex.ru")),
        ("https://l.facebook.com/", ("Facebook", "Organic Social", "l.facebook.com")),
        ("https://t.co/abc", ("X", "Organic Social", "t.co/abc")),
        ("https://old.reddit.com/r/a/", ("Reddit", "Organic Social", "old.reddit.com/r/a")),
        ("https://news.ycombinator.com/item", ("Hacker News", "Organic Social",
                                               "news.ycombinator.com/item")),
        ("https://chatgpt.com/", ("ChatGPT", "AI Assistants", "chatgpt.com")),
        ("https://www.perplexity.ai/", ("Perplexity", "AI Assistants", "perplexity.ai")),
        ("https://m.youtube.com/watch", ("YouTube", "Organic Video", "m.youtube.com/watch")),
        ("https://www.amazon.de/dp", ("Amazon", "Organic Shopping", "amazon.de/dp")),
        ("https://github.com/a/b", ("GitHub", "Referral", "github.com/a/b")),
        ("http://192.168.0.1:80/x", ("192.168.0.1", "Referral", "192.168.0.1/x")),
        ("https://user:secret@t.example/", ("t.example", "Referral", "t.example")),
        ("http://", ("Direct", "Direct", None)),
    ],
)  # fmt: skip
def test_a_referrer_tells_source_and_channel(
    referrer: str | None, expected: tuple[str, str, str | None]
) -> None:
    assert of(referrer) == expected


@pytest.mark.parametrize(
    ("source", "medium", "expected"),
    [
        ("google", "cpc", ("Google", "Paid Search")),
        ("Bing", "ppc", ("Bing", "Paid Search")),
        ("fb", "paid_social", ("Facebook", "Paid Social")),
        ("youtube", "cpv", ("YouTube", "Paid Video")),
        ("youtube", "paid", ("YouTube", "Paid Video")),
        ("amazon", "cpc", ("Amazon", "Paid Shopping")),
        ("partner", "cpc", ("partner", "Paid Other")),
        ("google", "display", ("Google", "Display")),
        ("network", "cpm", ("network", "Display")),
        ("google", "organic", ("Google", "Organic Search")),
        ("google", None, ("Google", "Organic Search")),
        ("instagram", "social", ("Instagram", "Organic Social")),
        ("spring", "email", ("spring", "Email")),
        ("Newsletter", None, ("Newsletter", "Email")),
        ("partner", "affiliate", ("partner", "Affiliates")),
        ("campaign", "sms", ("campaign", "SMS")),
        ("app", "push", ("app", "Mobile Push Notifications")),
        ("podcast", "audio", ("podcast", "Audio")),
        ("chatgpt.com", None, ("ChatGPT", "AI Assistants")),
        ("www.partner.example", "referral", ("www.partner.example", "Referral")),
        ("ads", None, ("ads", "Referral")),
        (None, "organic", ("Direct", "Organic Search")),
        ("(direct)", "(none)", ("Direct", "Direct")),
    ],
)
def test_utm_parameters_tell_source_and_channel(
    source: str | None, medium: str | None, expected: tuple[str, str]
) -> None:
    assert of(source=source, medium=medium)[:2] == expected


@pytest.mark.parametrize(
    ("click", "referrer", "expected"),
    [
        ("gclid", None, ("Google", "Paid Search")),
        ("gclid", "https://partner.example/", ("Google", "Paid Search")),
        ("msclkid", "https://www.bing.com/", ("Bing", "Paid Search")),
        ("dclid", None, ("Google", "Display")),
        ("ttclid", None, ("TikTok", "Paid Social")),
        ("fbclid", None, ("Facebook", "Organic Social")),
        ("fbclid", "https://l.instagram.com/", ("Instagram", "Organic Social")),
        ("mc_cid", None, ("Mailchimp", "Email")),
        ("unknown", None, ("Direct", "Direct")),
    ],
)
def test_a_click_id_tells_what_was_paid_for(
    click: str, referrer: str | None, expected: tuple[str, str]
) -> None:
    assert of(referrer, click=click)[:2] == expected


def test_utm_parameters_win_over_click_id_and_referrer() -> None:
    assert of("https://www.google.com/", source="spring", medium="email", click="gclid") == (
        "spring",
        "Email",
        "google.com",
    )
