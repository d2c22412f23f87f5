"""Addresses of pages: host, path and campaign out of a URL or path, absolute or not."""

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl

from ingest_api.texts import optional_text, shorten

MAX_URL_BYTES = 4_000
MAX_PATH_BYTES = 2_000
MAX_UTM_BYTES = 300

CLICK_IDS = frozenset(
    {
        "gclid", "gbraid", "wbraid", "dclid", "gad_source", "msclkid", "fbclid", "ttclid", "twclid",
        "li_fat_id", "yclid", "igshid", "epik", "rdt_cid", "sccid", "scclid", "qclid", "obclid",
        "tblci", "irclickid", "wickedid", "mc_cid", "_kx",
    }
)  # fmt: skip
"""Query parameters by which advertising and mail networks mark a click."""

_UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")


class Location(NamedTuple):
    """What an address tells; None where it does not."""

    hostname: str | None
    path: str | None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    utm_term: str | None = None
    utm_content: str | None = None
    click_id: str | None = None


_NO_LOCATION = Location(None, None)


def location_of(url: object, path: object) -> Location:
    """Location of what was sent as `url` and `path`; where both tell a path, it is that of `path`.

    Raises Rejected for what is no text.
    """
    try:
        return _remembered(url, path)
    except TypeError:  # a list or object where text belongs
        return _location(url, path)


def _location(sent_url: object, sent_path: object) -> Location:
    url = optional_text(sent_url, "url", MAX_URL_BYTES)
    path = optional_text(sent_path, "path", MAX_URL_BYTES)
    location = _NO_LOCATION if url is None else parse_location(url)
    if path is None:
        return location
    of_path = parse_location(path)
    return of_path if url is None else location._replace(path=of_path.path)


_remembered = lru_cache(maxsize=16_384)(_location)


def parse_location(address: str) -> Location:
    """Parts of a URL or path; never fails.

    The path loses query, fragment and trailing slashes and is "/" when nothing is left; the
    hostname is lower case, without port. Blank utm parameters are None.
    """
    rest, _, _ = address.strip().partition("#")
    rest, _, query = rest.partition("?")
    hostname, path = _split_host(rest)
    path = shorten(path.rstrip("/"), MAX_PATH_BYTES) or "/"
    if not query:
        return Location(hostname, path)
    return Location(hostname, path, *_campaign(query))


def _split_host(address: str) -> tuple[str | None, str]:
    scheme, separator, rest = address.partition("://")
    if separator and scheme.replace("+", "").replace("-", "").replace(".", "").isalnum():
        authority, slash, path = rest.partition("/")
        return _hostname(authority), slash + path
    if address.startswith("//"):
        authority, slash, path = address[2:].partition("/")
        if "." in authority:
            return _hostname(authority), slash + path
    return None, address


def _hostname(authority: str) -> str | None:
    host = authority.rpartition("@")[2]
    host = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
    return shorten(host.lower().rstrip("."), 255) or None


def _campaign(query: str) -> tuple[str | None, ...]:
    try:
        pairs = parse_qsl(query, max_num_fields=200, errors="replace")
    except ValueError:
        return ()
    first: dict[str, str] = {}
    click_id = None
    for key, value in pairs:
        key = key.lower()
        if key in CLICK_IDS:
            click_id = click_id or key
        elif key in _UTM:
            first.setdefault(key, value)
    return (*(_utm(first.get(key)) for key in _UTM), click_id)


def _utm(value: str | None) -> str | None:
    if value is None:
        return None
    return shorten(value.replace("\0", "").strip(), MAX_UTM_BYTES) or None
