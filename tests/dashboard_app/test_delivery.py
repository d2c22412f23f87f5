"""How files and answers travel."""

import brotli
import pytest

from tests.dashboard import RunningDashboard


def headers_of(dashboard: RunningDashboard, path: str) -> dict[str, str]:
    answer = dashboard.client.get(path, headers={"accept-encoding": "br"})
    assert answer.status_code == 200
    return dict(answer.headers)


def test_a_script_is_compressed_and_kept(dashboard: RunningDashboard) -> None:
    path = "/assets/vendor/plotly-4.1.1.min.js"
    plain = dashboard.client.get(path, headers={"accept-encoding": "identity"})
    with dashboard.client.stream("GET", path, headers={"accept-encoding": "br"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "br"
    assert "immutable" in answer.headers["cache-control"]
    assert "content-encoding" not in plain.headers
    assert brotli.decompress(raw) == plain.content
    assert len(raw) < 480_000


@pytest.mark.parametrize(
    ("path", "caching"),
    [
        ("/", "no-store"),
        ("/_dash-layout", "no-store"),
        ("/assets/base.css", "no-cache"),
        ("/assets/base.css?m=1", "private, max-age=31536000, immutable"),
        ("/assets/vendor/plotly-4.1.1.min.js", "private, max-age=31536000, immutable"),
    ],
)
def test_only_versioned_files_are_kept_by_the_browser(
    dashboard: RunningDashboard, path: str, caching: str
) -> None:
    assert headers_of(dashboard, path)["cache-control"] == caching


def test_answers_carry_security_headers(dashboard: RunningDashboard) -> None:
    headers = headers_of(dashboard, "/")
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_the_page_asks_no_other_host_for_files(dashboard: RunningDashboard) -> None:
    page = dashboard.client.get("/").text
    assert 'src="http' not in page
    assert 'href="http' not in page
    assert "tracker" not in page
    assert 'name="tideline-grid"' in page


def test_the_first_page_asked_for_may_be_any(dashboard: RunningDashboard) -> None:
    page = dashboard.client.get("/trust").text
    assert "/assets/components.js" in page
    assert "/assets/base.css" in page
