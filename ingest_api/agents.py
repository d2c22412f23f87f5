"""What a User-Agent tells: device, browser, operating system, and whether a person sent it."""

import re
from functools import lru_cache
from typing import NamedTuple

from ua_parser import Parser, Result
from ua_parser.loaders import load_lazy_builtins
from ua_parser.regex import Resolver

MAX_AGENT_CHARACTERS = 512

_CRAWLER = re.compile(
    r"(?<!cu)bot(?:s?\b|/)|crawl|spider|slurp|facebookexternalhit|mediapartners|ia_archiver|lighthouse"
    r"|pagespeed|gtmetrix|pingdom|uptime|statuscake|site24x7|monitoring|archiver|scrap(?:er|y)"
    r"|feedfetcher|feedburner|google-read-aloud|chatgpt-user|perplexity-user|claude-user"
    r"|preview\b|validator|wget|fetcher|checker\b|proximic|bytespider|whatsapp/|skypeuripreview",
    re.IGNORECASE,
)
_TOOL = re.compile(
    r"headless|phantomjs|electron-fiddle|^(?:curl|python|httpx|aiohttp|go-http-client|java/|okhttp"
    r"|axios|node|undici|got\b|ruby|perl|libwww|php|guzzle|postman|insomnia|httpie|apache-http)"
    r"|python-(?:requests|httpx|urllib)",
    re.IGNORECASE,
)
_TELEVISION = re.compile(r"smart-?tv|hbbtv|appletv|googletv|bravia|netcast|roku|aft[a-z]+\b|web0s")
_CONSOLE = re.compile(r"playstation|xbox|nintendo")
_TABLET = re.compile(r"ipad|tablet|kindle|silk/|playbook|nexus (?:7|9|10)\b")
_MOBILE = re.compile(r"mobi|iphone|ipod|android|blackberry|opera mini|windows phone")
_DESKTOP = re.compile(r"windows nt|macintosh|x11|linux x86|cros|linux i")


class Agent(NamedTuple):
    """Device, browser and operating system; None where the User-Agent does not tell.

    A crawler is never counted. A tool (headless browser, HTTP library) is not counted either,
    unless it runs on this very machine, where it is somebody's test.
    """

    device: str | None = None
    browser: str | None = None
    os: str | None = None
    is_crawler: bool = False
    is_tool: bool = False


_parser = Parser(Resolver(load_lazy_builtins()))


def parse_agent(user_agent: str) -> Agent:
    """Classify a User-Agent; the first MAX_AGENT_CHARACTERS decide."""
    return _classify(user_agent[:MAX_AGENT_CHARACTERS])


@lru_cache(maxsize=20_000)
def _classify(user_agent: str) -> Agent:
    found = _parser.parse(user_agent)
    device = found.device
    is_spider = device is not None and device.family == "Spider"
    return Agent(
        device=_device(user_agent.lower()),
        browser=_browser(found),
        os=_OS_NAMES.get(found.os.family, found.os.family) if found.os else None,
        is_crawler=is_spider or _CRAWLER.search(user_agent) is not None,
        is_tool=_TOOL.search(user_agent) is not None,
    )


def _device(agent: str) -> str | None:
    if _TELEVISION.search(agent):
        return "tv"
    if _CONSOLE.search(agent):
        return "console"
    if _TABLET.search(agent) or ("android" in agent and "mobi" not in agent):
        return "tablet"
    if _MOBILE.search(agent):
        return "mobile"
    return "desktop" if _DESKTOP.search(agent) else None


_OS_NAMES = {"Mac OS X": "macOS", "iPhone": "iOS"}
_BROWSER_NAMES = {
    "Chrome Mobile": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "Chrome Mobile WebView": "Chrome",
    "HeadlessChrome": "Chrome",
    "Mobile Safari": "Safari",
    "Mobile Safari UI/WKWebView": "Safari",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "Edge Mobile": "Edge",
    "Opera Mobile": "Opera",
    "IE": "Internet Explorer",
    "IE Mobile": "Internet Explorer",
}


def _browser(found: Result) -> str | None:
    if found.user_agent is None:
        return None
    family = found.user_agent.family
    return _BROWSER_NAMES.get(family, family)
