"""Where a visit came from: its source, its channel and its referrer.

The rules follow Google Analytics 4's default channel grouping
(support.google.com/analytics/answer/9756891), with AI assistants as a channel of their own. The
names of search engines, networks and the like are in `sources.json` beside this file.

*Source*: the first there is of `utm_source`, the network of a click id that only paid links carry
(gclid is Google), the referrer's name or host, the network of any other click id, "Direct". Known
names are written one way: fb, facebook.com and l.facebook.com are all Facebook.

*Channel*, the first that fits; "paid" is a medium with cp (cpc, cpm), ppc, retargeting or
paid…; a click id speaks only where there is no medium:
1. Direct: no source and no medium.
2. Display: medium display, banner, expandable, interstitial or cpm, or a display click id.
3. Paid Shopping, Paid Search, Paid Social, Paid Video: paid, by the kind of source; Paid Social
   and Paid Search also by the click id; Paid Other: paid, any other source.
4. Email, Affiliates, SMS, Mobile Push Notifications, Audio: by the medium (and source) word.
5. Organic Social, Organic Video, Organic Search: medium social…, …video…, organic.
6. AI Assistants, Organic Shopping, Organic Social, Organic Video, Organic Search, Email: by the
   kind of source.
7. Referral: everything else that has a referrer or a source.
"""

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from sql.event_rows import Origin


class _Source(NamedTuple):
    name: str
    kind: str
    """search, social, video, shopping, email, ai or site."""


DIRECT = "Direct"

_TABLE = json.loads(Path(__file__).with_name("sources.json").read_text(encoding="utf-8"))
_BY_HOST = {
    host: _Source(name, kind)
    for kind, sources in _TABLE.items()
    for name, spellings in sources.items()
    for host in spellings.get("hosts", ())
}
_BY_WORD = {
    word: _Source(name, kind)
    for kind, sources in _TABLE.items()
    for name, spellings in sources.items()
    for word in (*spellings.get("words", ()), name.lower())
}

_CLICK_IDS = {
    "gclid": ("Google", "paid search"),
    "gbraid": ("Google", "paid search"),
    "wbraid": ("Google", "paid search"),
    "gad_source": ("Google", "paid search"),
    "msclkid": ("Bing", "paid search"),
    "yclid": ("Yandex", "paid search"),
    "dclid": ("Google", "display"),
    "obclid": ("Outbrain", "display"),
    "tblci": ("Taboola", "display"),
    "ttclid": ("TikTok", "paid social"),
    "twclid": ("X", "paid social"),
    "li_fat_id": ("LinkedIn", "paid social"),
    "rdt_cid": ("Reddit", "paid social"),
    "sccid": ("Snapchat", "paid social"),
    "scclid": ("Snapchat", "paid social"),
    "qclid": ("Quora", "paid social"),
    "epik": ("Pinterest", "social"),
    "fbclid": ("Facebook", "social"),
    "igshid": ("Instagram", "social"),
    "mc_cid": ("Mailchimp", "email"),
    "_kx": ("Klaviyo", "email"),
    "irclickid": ("Impact", "affiliate"),
}
"""Network and meaning of a click id. Meta and Pinterest also mark links that nobody paid for."""

_PAID_CHANNELS = {
    "shopping": "Paid Shopping",
    "search": "Paid Search",
    "social": "Paid Social",
    "video": "Paid Video",
}
_ORGANIC_CHANNELS = {
    "ai": "AI Assistants",
    "shopping": "Organic Shopping",
    "social": "Organic Social",
    "video": "Organic Video",
    "search": "Organic Search",
    "email": "Email",
}
_CLICK_CHANNELS = {
    "display": "Display",
    "paid search": "Paid Search",
    "paid social": "Paid Social",
    "social": "Organic Social",
    "email": "Email",
    "affiliate": "Affiliates",
}
_DISPLAY_MEDIA = frozenset({"display", "banner", "expandable", "interstitial", "cpm"})
_EMAIL_WORDS = frozenset({"email", "e-mail", "e_mail", "e mail", "newsletter"})
_SOCIAL_MEDIA = frozenset(
    {"social", "social-network", "social-media", "sm", "social network", "social media"}
)
_NO_WORDS = frozenset({"", "direct", "(direct)", "none", "(none)", "(not set)", "null", "about"})
_is_paid = re.compile(r".*cp.*|ppc|retargeting|paid.*").fullmatch
_split_url = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*):)?(?://)?(?P<rest>.*)", re.IGNORECASE | re.DOTALL
)
_SCHEMES = frozenset({"http", "https", "android-app", "ios-app"})
_SECOND_LEVELS = frozenset({"co", "com", "org", "net", "ne", "or", "ac", "gov", "edu", "gob"})


@lru_cache(maxsize=65_536)
def attribute(
    *,
    referrer: str | None,
    hostname: str | None,
    utm_source: str | None,
    utm_medium: str | None,
    click_id: str | None,
) -> Origin:
    """Attribution of one event by the rules above; never fails.

    `hostname` is the page's own: a referrer on it (with or without www.) is no referrer.
    """
    page, host = _external(referrer, hostname)
    word = (utm_source or "").strip()
    medium = (utm_medium or "").strip().lower()
    network, meaning = _CLICK_IDS.get(click_id or "", (None, ""))
    if word.lower() not in _NO_WORDS:
        source = _source_of_word(word)
    elif network and meaning in ("paid search", "paid social", "display"):
        source = _source_of_word(network)
    elif host:
        source = _source_of_host(host)
    elif network:
        source = _source_of_word(network)
    else:
        source = None
    medium = "" if medium in _NO_WORDS else medium
    channel = _channel(source, medium, "" if medium else meaning)
    return Origin(source.name if source else DIRECT, channel, page)


def _external(referrer: str | None, hostname: str | None) -> tuple[str | None, str | None]:
    """Host and path of a referrer, and its host, both without www.; None for an internal one."""
    text = (referrer or "").strip()
    if text.lower() in _NO_WORDS or text.startswith(("/?", "/#")):
        return None, None
    if text.startswith("/") and not text.startswith("//"):
        return None, None
    found = _split_url.match(text)
    scheme = (found["scheme"] or "http").lower() if found else ""
    if found and scheme not in _SCHEMES and not found["rest"][:1].isdigit():
        return None, None
    rest = text if found is None or scheme not in _SCHEMES else found["rest"]
    address = re.split(r"[?#]", rest, maxsplit=1)[0]
    authority, slash, path = address.partition("/")
    host = _bare_host(authority)
    if not host or host == _bare_host(hostname or ""):
        return None, None
    return (host + slash + path).rstrip("/"), host


def _bare_host(authority: str) -> str:
    host = authority.rpartition("@")[2].lower()
    host = re.sub(r":\d*$", "", host).rstrip(".")
    return host.removeprefix("www.")


def _source_of_word(word: str) -> _Source:
    known = _BY_WORD.get(word.lower())
    if known is None and "." in word:
        known = _known_host(_bare_host(word))
    return known or _Source(word, "")


def _source_of_host(host: str) -> _Source:
    return _known_host(host) or _Source(host, "")


def _known_host(host: str) -> _Source | None:
    """Source of a host or the nearest domain above it; "google.*" stands for all its endings."""
    labels = host.split(".")
    for start in range(len(labels)):
        known = _BY_HOST.get(".".join(labels[start:]))
        if known is None and _is_ending(labels[start + 1 :]):
            known = _BY_HOST.get(f"{labels[start]}.*")
        if known is not None:
            return known
    return None


def _is_ending(labels: list[str]) -> bool:
    """Whether labels are such as com, de, co.uk or com.au."""
    return len(labels) == 1 or (len(labels) == 2 and labels[0] in _SECOND_LEVELS)


def _channel(source: _Source | None, medium: str, meaning: str) -> str:
    if source is None and not medium:
        return DIRECT
    kind = source.kind if source else ""
    if medium in _DISPLAY_MEDIA or meaning == "display":
        return "Display"
    if _is_paid(medium) or meaning.startswith("paid"):
        return _PAID_CHANNELS.get(kind) or _CLICK_CHANNELS.get(meaning, "Paid Other")
    return (
        _channel_of_medium(source.name.lower() if source else "", medium)
        or _ORGANIC_CHANNELS.get(kind)
        or _CLICK_CHANNELS.get(meaning)
        or "Referral"
    )


def _channel_of_medium(source: str, medium: str) -> str | None:
    if medium in _EMAIL_WORDS:
        return "Email"
    if medium in ("affiliate", "affiliates"):
        return "Affiliates"
    if "sms" in (medium, source):
        return "SMS"
    if medium.endswith("push") or "mobile" in medium or "notification" in medium:
        return "Mobile Push Notifications"
    if medium == "audio":
        return "Audio"
    if medium in _SOCIAL_MEDIA:
        return "Organic Social"
    if "video" in medium:
        return "Organic Video"
    if medium == "organic":
        return "Organic Search"
    return "Referral" if medium in ("referral", "app", "link") else None
