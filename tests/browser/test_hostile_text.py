"""HTML and SQL in every field that a sender fills: shown as text, never run."""

from tests.browser.page import TILE, Page, rows
from tests.sites import DAY, SiteUnderTest

HACK = "<img src=x onerror=window.hacked=1>"
SCRIPT = "<script>window.hacked=1</script>"
DROP = "'; DROP TABLE events; --"
CARDS = {"sources": 4, "pages": 3, "locations": 4, "devices": 4}


def test_what_senders_write_is_shown_and_never_run(own_page: Page, site: SiteUnderTest) -> None:
    page = own_page
    sent = {
        "title": SCRIPT, "referrer": f"https://evil.example/{HACK}", "city": HACK, "region": SCRIPT,
        "browser": HACK, "os": SCRIPT, "device": HACK, "screen": SCRIPT, "language": SCRIPT,
        "properties": {HACK: SCRIPT},
    }  # fmt: skip
    site.visit("ada", at="10:00", pages=[f"/{HACK}", f"/{DROP}"], **sent)
    site.event(SCRIPT, f"{HACK}{DROP}", at="10:01", path=f"/{HACK}", **sent)
    site.api.settle()
    page.open(f"?site=shop&from={DAY}&to={DAY}")
    page.shows(TILE.format("visitors"), "2")
    page.until(lambda: sorted(rows(page, "pages")) == sorted([f"/{HACK}", f"/{DROP}"]))
    page.until(lambda: SCRIPT in rows(page, "goals"))
    for card, tabs in CARDS.items():
        for number in range(1, tabs + 1):
            page.click(f"#{card} .tab:nth-child({number})")
            page.until(
                lambda card=card, number=number: page.all(f"#{card} .tab.is-on:nth-child({number})")
            )
    page.until(lambda: SCRIPT in rows(page, "devices"))
    page.until(lambda: HACK in rows(page, "locations"))
    page.click("#goals .card-foot button")
    page.until(lambda: SCRIPT in page.texts("#details-grid [col-id=value]"))
    filters = f'["and",[["is","event",["{SCRIPT}"]],["is","property:{HACK}",["{SCRIPT}"]]]]'
    page.open(f"?site=shop&from={DAY}&to={DAY}&filters={filters}")
    page.shows(".pill", f"Event is {SCRIPT}", f"{HACK} is {SCRIPT}")
    page.shows(TILE.format("visitors"), "1")
    site.send({"name": SCRIPT, "user_id": HACK, "path": f"/{HACK}", **sent})
    site.api.settle()
    page.driver.get(f"{page.url}/realtime?site=shop")
    page.until(lambda: f"/{HACK}" in page.texts(".stream-page"))
    assert SCRIPT in page.texts(".stream-name")
    view = f"?site=shop&from={DAY}&to={DAY}"
    for address, part, text in (
        (f"/pages{view}", "#page-table-grid [col-id=value]", f"/{HACK}"),
        (f"/events{view}&event={SCRIPT}", "#event-properties tbody th", SCRIPT),
        (f"/sessions{view}", ".session-line .who", f"{HACK}{DROP}"),
        (f"/funnels{view}&by=city", ".funnel-table tbody th", HACK),
    ):
        page.driver.get(f"{page.url}{address}")
        page.until(lambda part=part, text=text: text in page.texts(part))
    assert page.run("return window.hacked") is None
