"""Where visitors live: countries with their cities, languages, phones and hours.

The tables are `data/countries.csv` (weights in each kind of site's audience; `mobile`, the share of
visits to a shop made on a phone; `ios`, the share of iOS among phones; `late_h`, hours by which
daily life runs later than the common curve; `weekend_shift`, days by which the weekend starts
before Saturday) and `data/cities.csv` (weight within the country).
"""

import csv
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from tideline.demo.sites import Kind
from tideline.demo.weighted import Weighted

DATA = Path(__file__).with_name("data")


class City(NamedTuple):
    """A city with its first-level region and IANA zone."""

    name: str
    region: str
    zone: str


class Country(NamedTuple):
    """A country (ISO 3166-1 alpha-2), its habits and its cities."""

    code: str
    language: str
    mobile: float
    ios: float
    late_h: float
    weekend_shift: int
    city: Weighted[City]


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _cities() -> dict[str, Weighted[City]]:
    cities: dict[str, list[tuple[City, float]]] = defaultdict(list)
    for row in _rows("cities.csv"):
        city = City(row["city"], row["region"], row["zone"])
        cities[row["country"]].append((city, float(row["weight"])))
    return {code: Weighted(pairs) for code, pairs in cities.items()}


def _country(row: dict[str, str], city: Weighted[City]) -> Country:
    return Country(
        code=row["code"],
        language=row["language"],
        mobile=float(row["mobile"]),
        ios=float(row["ios"]),
        late_h=float(row["late_h"]),
        weekend_shift=int(row["weekend_shift"]),
        city=city,
    )


def _audience(column: Kind) -> Weighted[Country]:
    return Weighted((COUNTRIES[row["code"]], float(row[column])) for row in ROWS)


ROWS = _rows("countries.csv")
CITIES = _cities()
COUNTRIES = {row["code"]: _country(row, CITIES[row["code"]]) for row in ROWS}
AUDIENCES: dict[Kind, Weighted[Country]] = {"shop": _audience("shop"), "docs": _audience("docs")}
"""Per kind of site: country by its share of the audience."""
