"""Projects the country shapes of plotly.js into `dashboard_app/components/world.svg`.

    python assets/build-map.py world_110m.json

Natural Earth projection (Patterson, Jenny: The Natural Earth projection, 2012) around the meridian
11° east, so that the edges of the map cross no country. The Antarctic is left out.
"""

import json
import math
import sys
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

MIDDLE = 11.0
WIDTH = 2000
LONGEST = 4.0
"""Degrees; longer straight borders are bent by the projection, so they get points between."""
OUT = Path(__file__).parent.parent / "dashboard_app" / "components" / "world.svg"

Point = tuple[float, float]


def arcs_of(topology: dict[str, Any]) -> list[list[Point]]:
    """The topology's arcs in degrees: longitude, latitude."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]

    def points(deltas: Iterable[tuple[int, int]]) -> Iterator[Point]:
        x = y = 0
        for dx, dy in deltas:
            x, y = x + dx, y + dy
            yield x * sx + tx, y * sy + ty

    return [list(points(deltas)) for deltas in topology["arcs"]]


def rings(geometry: dict[str, Any], arcs: list[list[Point]]) -> Iterator[list[Point]]:
    """The outlines of a country, each closed."""
    shapes = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    for numbers in (ring for shape in shapes for ring in shape):
        parts = [arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers]
        turned = [(_turned(x), y) for part in parts for x, y in part]
        yield [point for pair in pairwise(turned) for point in _bent(*pair)]


def _turned(longitude: float) -> float:
    return longitude - MIDDLE + (360 if longitude < MIDDLE - 180 else 0)


def _bent(a: Point, b: Point) -> Iterator[Point]:
    steps = max(1, math.ceil(math.hypot(b[0] - a[0], b[1] - a[1]) / LONGEST))
    for step in range(steps):
        share = step / steps
        yield a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def projected(point: Point) -> Point:
    """Natural Earth, y growing downwards; about ±2.74 wide."""
    x, y = (math.radians(degrees) for degrees in point)
    y2, y4 = y**2, y**4
    wide = 0.8707 - 0.131979 * y2 + y4 * (-0.013791 + y4 * (0.003971 * y2 - 0.001529 * y4))
    high = 1.007226 + y2 * (0.015085 + y4 * (-0.044475 + 0.028874 * y2 - 0.005916 * y4))
    return x * wide, -y * high


def outline(points: Iterable[Point]) -> str:
    """A closed SVG path of whole steps; nothing when it is too small for two of them."""
    steps: list[tuple[int, int]] = []
    x = y = 0
    for px, py in map(projected, points):
        nx, ny = round((px + 2.74) * WIDTH / 5.48), round((py + 1.43) * WIDTH / 5.48)
        if (nx, ny) != (x, y):
            steps.append((nx - x, ny - y))
        x, y = nx, ny
    if len(steps) < 3:
        return ""
    first, *others = [f"{dx}{dy if dy < 0 else f' {dy}'}" for dx, dy in steps]
    return f"M{first}l" + "".join(o if o[0] == "-" else f" {o}" for o in others).lstrip() + "z"


def main(source: str) -> None:
    """Writes the file."""
    topology = json.loads(Path(source).read_text(encoding="utf-8"))
    arcs = arcs_of(topology)
    shapes: dict[str, str] = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        if geometry["id"] != "ATA":
            path = "".join(outline(ring) for ring in rings(geometry, arcs))
            shapes[geometry["id"]] = shapes.get(geometry["id"], "") + path
    paths = "".join(f'\n<path id="land-{key}" d="{d}"/>' for key, d in sorted(shapes.items()))
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} 890"><g id="land">'
    OUT.write_text(f"{svg}{paths}\n</g></svg>\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
