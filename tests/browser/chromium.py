"""How the tests start Chromium: headless, closed network, a profile of its own."""

import tempfile

from selenium.webdriver.chrome.options import Options

ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--window-size=1440,1000", "--lang=en-US",
)  # fmt: skip


def options() -> Options:
    """Options of a fresh browser."""
    chosen = Options()
    for argument in ARGUMENTS:
        chosen.add_argument(argument)
    chosen.add_argument(f"--user-data-dir={tempfile.mkdtemp(prefix='tideline-chromium-')}")
    return chosen
