"""The dashboard in a browser, as the tests speak of it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.sites import DAY

RANGE = f"?site=shop&from={DAY}&to={DAY}"
TILE = '.tile[data-metric="{}"] .tile-value'


class Page:
    """The dashboard in a browser."""

    def __init__(self, driver: Any, url: str) -> None:
        self.driver = driver
        self.url = url

    def open(self, search: str = RANGE) -> None:
        """Opens a view and waits for its tiles."""
        self.driver.get(self.url + search)
        self.until(lambda: self.all(".tile-value"))

    def until(self, condition: Callable[[], Any], timeout_s: float = 20) -> Any:
        """Waits until the condition holds, and returns what it returned."""
        wait = WebDriverWait(self.driver, timeout_s, 0.05)
        return wait.until(lambda _: condition())

    def all(self, selector: str) -> list[Any]:
        """Elements of a selector."""
        return list(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def texts(self, selector: str) -> list[str]:
        """Texts of the elements, read in one step so that a redraw cannot come between."""
        found: list[str] = self.driver.execute_script(
            "return [...document.querySelectorAll(arguments[0])]"
            ".map((e) => e.innerText ?? e.textContent)",
            selector,
        )
        return found

    def shows(self, selector: str, *texts: str) -> None:
        """Waits until the elements have these texts."""
        try:
            self.until(lambda: self.texts(selector) == list(texts))
        except Exception as error:
            raise AssertionError(f"{selector} shows {self.texts(selector)}, not {texts}") from error

    def click(self, selector: str) -> None:
        """Clicks the first such element once it is there."""
        self.until(lambda: self.all(selector))
        self.driver.execute_script("document.querySelector(arguments[0]).click()", selector)

    def become_phone(self) -> None:
        """Makes the window one of 400 px."""
        phone = {"width": 400, "height": 860, "deviceScaleFactor": 1, "mobile": True}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)

    def press(self, key: str) -> None:
        """Presses a key with the page in focus."""
        ActionChains(self.driver).send_keys(key).perform()

    def point(self, selector: str, x: float, y: float, *, click: bool = False) -> None:
        """Points at (or clicks) the place x, y of an element: 0-1, from its left and top."""
        self.run("arguments[0].scrollIntoView({block: 'center'})", self.all(selector)[0])
        box = self.all(selector)[0]
        dx, dy = (round((at - 0.5) * box.size[side]) for at, side in ((x, "width"), (y, "height")))
        action = ActionChains(self.driver).move_to_element(box).move_by_offset(dx, dy)
        (action.click() if click else action).perform()

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script answers in the page."""
        return self.driver.execute_script(script, *arguments)

    @property
    def query(self) -> dict[str, str]:
        """Parameters in the address bar."""
        return dict(parse_qsl(urlsplit(self.driver.current_url).query))

    def errors(self) -> list[str]:
        """What the console reported as an error."""
        return [e["message"] for e in self.driver.get_log("browser") if e["level"] == "SEVERE"]

    def reset(self) -> None:
        """Makes the browser as it was before the test."""
        self.run("localStorage.clear()")
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        self.driver.get("about:blank")
        self.driver.get_log("browser")


def rows(page: Page, card: str) -> list[str]:
    """Labels of a card's rows."""
    return page.texts(f"#{card} .row-label")
