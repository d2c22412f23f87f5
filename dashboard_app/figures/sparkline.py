"""A line without axes, as an inline SVG image."""

from collections.abc import Sequence
from urllib.parse import quote

from dashboard_app.formats import Number

WIDTH, HEIGHT, PAD = 120, 32, 2
STROKE = "#1793a5"


def sparkline(values: Sequence[Number | None]) -> str | None:
    """Data URI of the line through `values`; None values break nothing, they count as absent.

    None with fewer than two values.
    """
    points = _points(values)
    if len(points) < 2:
        return None
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    area = f"{points[0][0]:.1f},{HEIGHT} {line} {points[-1][0]:.1f},{HEIGHT}"
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        ' preserveAspectRatio="none">'
        f'<polygon points="{area}" fill="{STROKE}" fill-opacity=".12"/>'
        f'<polyline points="{line}" fill="none" stroke="{STROKE}" stroke-width="1.5"'
        ' stroke-linejoin="round" vector-effect="non-scaling-stroke"/></svg>'
    )
    return "data:image/svg+xml," + quote(svg, safe=" =:/'<>.,-")


def _points(values: Sequence[Number | None]) -> list[tuple[float, float]]:
    known = [float(value) for value in values if value is not None]
    if not known:
        return []
    low, high = min(0.0, *known), max(known)
    span = (high - low) or 1.0
    step = WIDTH / max(len(values) - 1, 1)
    return [
        (index * step, PAD + (HEIGHT - 2 * PAD) * (1 - (float(value) - low) / span))
        for index, value in enumerate(values)
        if value is not None
    ]
