"""What visitors look through: device, operating system, browser and screen that fit together."""

from random import Random
from typing import NamedTuple

from tideline.demo.places import Country
from tideline.demo.sites import Kind
from tideline.demo.weighted import Weighted


class Screen(NamedTuple):
    """One combination of device, os, browser and screen (CSS pixels)."""

    device: str
    os: str
    browser: str
    screen: str


def _combinations(device: str, os: str, browsers: str, screens: str) -> Weighted[Screen]:
    return Weighted(
        (Screen(device, os, browser, size), share * weight)
        for browser, share in _shares(browsers)
        for size, weight in _shares(screens)
    )


def _shares(text: str) -> list[tuple[str, float]]:
    pairs = (entry.rsplit(":", 1) for entry in text.split(", "))
    return [(name, float(share)) for name, share in pairs]


IPHONE = _combinations(
    "mobile",
    "iOS",
    "Safari:88, Chrome:10, Firefox:1, DuckDuckGo:1",
    "390x844:30, 393x852:28, 430x932:16, 402x874:12, 375x667:8, 414x896:6",
)
ANDROID = _combinations(
    "mobile",
    "Android",
    "Chrome:78, Samsung Internet:15, Firefox:4, Edge:1, Opera:2",
    "412x915:30, 360x800:26, 384x854:14, 393x873:14, 360x780:16",
)
IPAD = _combinations(
    "tablet", "iPadOS", "Safari:92, Chrome:8", "820x1180:5, 810x1080:4, 1024x1366:2"
)
GALAXY_TAB = _combinations(
    "tablet", "Android", "Chrome:7, Samsung Internet:3", "800x1280:3, 753x1205:1"
)
WINDOWS = _combinations(
    "desktop",
    "Windows",
    "Chrome:66, Edge:21, Firefox:9, Opera:3, Vivaldi:1",
    "1920x1080:46, 1536x864:20, 1366x768:13, 2560x1440:15, 3840x2160:6",
)
MAC = _combinations(
    "desktop",
    "macOS",
    "Safari:44, Chrome:45, Firefox:8, Edge:2, Arc:1",
    "1440x900:26, 1512x982:28, 1728x1117:18, 2560x1440:18, 1920x1080:10",
)
LINUX = _combinations(
    "desktop",
    "Linux",
    "Firefox:46, Chrome:48, Vivaldi:6",
    "1920x1080:60, 2560x1440:28, 3840x2160:12",
)
CHROMEBOOK = _combinations("desktop", "ChromeOS", "Chrome:1", "1366x768:6, 1920x1080:4")

DESKTOPS: dict[Kind, Weighted[Weighted[Screen]]] = {
    "shop": Weighted([(WINDOWS, 60), (MAC, 31), (LINUX, 4), (CHROMEBOOK, 5)]),
    "docs": Weighted([(WINDOWS, 35), (MAC, 44), (LINUX, 20), (CHROMEBOOK, 1)]),
}
MOBILE_FACTOR: dict[Kind, float] = {"shop": 1.0, "docs": 0.34}
TABLET_SHARE: dict[Kind, float] = {"shop": 0.05, "docs": 0.015}


def choose_screen(rng: Random, kind: Kind, country: Country, mobile_pull: float) -> Screen:
    """Draw a consistent device; `mobile_pull` above 1 leans to phones (social apps), 1 is usual."""
    u = rng.random()
    mobile = min(country.mobile * MOBILE_FACTOR[kind] * mobile_pull, 0.95)
    if u < mobile:
        table = IPHONE if rng.random() < country.ios else ANDROID
    elif u < mobile + TABLET_SHARE[kind]:
        table = IPAD if rng.random() < 0.5 + country.ios / 2 else GALAXY_TAB
    else:
        table = DESKTOPS[kind](rng.random())
    return table(rng.random())
