"""What the dashboard costs in a browser, beside an empty Dash page in the same run.

    python bench/dashboard.py http://127.0.0.1:8050/?site=demo

Prints, as medians: milliseconds from navigation to all panels drawn, kilobytes over the wire on a
first visit, and milliseconds from a click on a row to the last panel redrawn. Needs Chromium and
its driver, and a running Tideline with traffic, for instance that of `tideline demo --days 60`.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from dash import Dash, html
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1440,1000",
)
WATCH = """
const all = () => document.querySelectorAll('.tile-value').length === 8
  && ['#sources', '#pages', '#devices', '#goals'].every((p) => document.querySelector(p + ' .row'))
  && document.querySelector('.traffic-chart .trace') && document.querySelector('#hours .hour')
  && document.querySelector('.country');
const plain = () => document.querySelector('#empty');
(function look() {
  if (all() || plain()) window.drawnAt = performance.now(); else requestAnimationFrame(look);
})();
"""
CLICK = """
window.changedAt = 0;
const watch = new MutationObserver(() => { window.changedAt = performance.now(); });
for (const id of ['page', 'frame', 'navigation'])
  watch.observe(document.getElementById(id), {subtree: true, childList: true, attributes: true});
window.clickedAt = performance.now();
document.querySelector(arguments[0]).click();
"""
CLICKS = ("#devices .row:nth-child(3)", "#sources .row:nth-child(4)", "#goals .row:nth-child(4)")
SETTLES_S = 3.0


@contextmanager
def browser() -> Iterator[Any]:
    """Chromium with an empty profile."""
    profile = tempfile.mkdtemp()
    options = Options()
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    driver = webdriver.Chrome(service=Service("chromedriver"), options=options)
    try:
        driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
        yield driver
    finally:
        driver.quit()
        shutil.rmtree(profile, ignore_errors=True)


@contextmanager
def empty_page() -> Iterator[str]:
    """URL of a Dash page with one word on it."""
    app = Dash("empty", backend="fastapi")
    app.layout = html.Div("empty", id="empty")
    config = uvicorn.Config(app.server, host="127.0.0.1", port=0, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    server.should_exit = True
    thread.join()


def first_load(url: str) -> tuple[float, float]:
    """Milliseconds until drawn, and kilobytes over the wire."""
    with browser() as driver:
        driver.get(url)
        deadline = time.monotonic() + 60
        drawn = None
        while drawn is None and time.monotonic() < deadline:
            drawn = driver.execute_script("return window.drawnAt || null")
            time.sleep(0.05)
        if drawn is None:
            raise SystemExit(f"{url} was not drawn within 60 s")
        events = [
            json.loads(entry["message"])["message"] for entry in driver.get_log("performance")
        ]
    return drawn, transferred(events) / 1000


def transferred(events: list[dict[str, Any]]) -> int:
    """Bytes of the answers to HTTP requests, as they came over the wire."""
    ours = {
        event["params"]["requestId"]
        for event in events
        if event["method"] == "Network.responseReceived"
        and event["params"]["response"]["url"].startswith("http")
    }
    return sum(
        event["params"]["encodedDataLength"]
        for event in events
        if event["method"] == "Network.loadingFinished" and event["params"]["requestId"] in ours
    )


def clicks(url: str) -> Iterator[tuple[str, float]]:
    """Milliseconds from a click to the last change of the page, doing and undoing a filter."""
    with browser() as driver:
        driver.get(url)
        time.sleep(SETTLES_S * 2)
        for selector in (row for row in CLICKS for _ in range(2)):
            wanted = selector if driver.execute_script(
                "return !document.querySelector('.pill')"
            ) else ".pill"  # fmt: skip
            driver.execute_script(CLICK, wanted)
            time.sleep(SETTLES_S)
            took = driver.execute_script("return window.changedAt - window.clickedAt")
            yield ("undo" if wanted == ".pill" else selector), took


def main() -> int:
    """Runs the three measurements and prints them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("url", nargs="?", default="http://127.0.0.1:8050/?site=demo")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    first_load(given.url)
    with empty_page() as empty:
        for name, url in (("empty Dash page", empty), ("Overview", given.url)):
            loads = [first_load(url) for _ in range(given.runs)]
            took, size = (statistics.median(column) for column in zip(*loads, strict=True))
            print(f"first load, {name}: {took:,.0f} ms, {size:,.0f} kB")
    found = list(clicks(given.url))
    for name, took in found:
        print(f"click on {name}: {took:,.0f} ms")
    done = [took for name, took in found if name != "undo"]
    print(f"filter click to all panels redrawn: {statistics.median(done):,.0f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
