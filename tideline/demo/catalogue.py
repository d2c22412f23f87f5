"""What there is to see: the shop's goods and pages, the documentation's articles and plans."""

from typing import NamedTuple

from tideline.demo.sites import DemoSite, Kind
from tideline.demo.weighted import Weighted


class Product(NamedTuple):
    """An article of the shop; the price is in cents of the site's currency."""

    slug: str
    title: str
    category: str
    cents: int


class Page(NamedTuple):
    """A page: path, title, and how long people read it (seconds, median)."""

    path: str
    title: str
    reading_s: float


PRODUCTS: tuple[tuple[Product, float], ...] = (
    (Product("larch-2-tent", "Larch 2 Tent", "tents", 34900), 9),
    (Product("larch-3-tent", "Larch 3 Tent", "tents", 41900), 4),
    (Product("solo-bivy", "Solo Bivy", "tents", 18900), 3),
    (Product("tarn-tarp", "Tarn Tarp", "tents", 11900), 3),
    (Product("ridge-38-pack", "Ridge 38 Pack", "packs", 16900), 7),
    (Product("ridge-55-pack", "Ridge 55 Pack", "packs", 21900), 4),
    (Product("day-18-pack", "Day 18 Pack", "packs", 7900), 6),
    (Product("roll-top-tote", "Roll-Top Tote", "packs", 5400), 3),
    (Product("ember-quilt", "Ember Quilt", "sleep", 25900), 5),
    (Product("drift-sleeping-pad", "Drift Sleeping Pad", "sleep", 12900), 6),
    (Product("camp-pillow", "Camp Pillow", "sleep", 3400), 4),
    (Product("merino-base-layer", "Merino Base Layer", "layers", 8500), 9),
    (Product("fell-fleece", "Fell Fleece", "layers", 9900), 7),
    (Product("squall-shell", "Squall Shell", "layers", 22900), 6),
    (Product("down-vest", "Down Vest", "layers", 13900), 4),
    (Product("wool-socks-2-pack", "Wool Socks, 2 Pack", "layers", 2900), 8),
    (Product("trail-gloves", "Trail Gloves", "layers", 3900), 4),
    (Product("titan-mug", "Titan Mug", "kitchen", 3200), 5),
    (Product("pocket-stove", "Pocket Stove", "kitchen", 6900), 5),
    (Product("cook-set", "Cook Set", "kitchen", 8900), 3),
    (Product("filter-bottle", "Filter Bottle", "kitchen", 4600), 5),
    (Product("beam-headlamp", "Beam Headlamp", "tools", 5900), 5),
    (Product("folding-saw", "Folding Saw", "tools", 4400), 2),
    (Product("trekking-poles", "Trekking Poles", "tools", 9500), 5),
)
PRODUCT = Weighted(PRODUCTS)
BY_CATEGORY = {
    category: Weighted((item, weight) for item, weight in PRODUCTS if item.category == category)
    for category in ("tents", "packs", "sleep", "layers", "kitchen", "tools")
}
COLLECTION = Weighted(
    [
        ("new", 6),
        ("tents", 6),
        ("packs", 5),
        ("sleep", 4),
        ("layers", 8),
        ("kitchen", 3),
        ("tools", 2),
    ]
)
SIZES = Weighted([("XS", 1), ("S", 3), ("M", 5), ("L", 4), ("XL", 2)])
SEARCHES = Weighted(
    [
        ("tent", 8),
        ("rain jacket", 6),
        ("merino", 5),
        ("stove", 4),
        ("backpack 40l", 4),
        ("gift card", 3),
        ("crampons", 2),
        ("dog bed", 1),
    ]
)
JOURNAL = Weighted(
    [
        (Page("/journal/how-to-pack-for-a-week", "How to Pack for a Week", 120), 6),
        (Page("/journal/sleeping-warm-in-the-cold", "Sleeping Warm in the Cold", 100), 4),
        (Page("/journal/five-huts-worth-the-walk", "Five Huts Worth the Walk", 90), 3),
        (Page("/journal/mending-a-torn-shell", "Mending a Torn Shell", 75), 2),
    ]
)
SHOP_SIDE = Weighted(
    [
        (Page("/about", "About Us", 30), 3),
        (Page("/shipping-and-returns", "Shipping & Returns", 25), 5),
        (Page("/size-guide", "Size Guide", 30), 4),
        (Page("/stores", "Our Stores", 25), 2),
    ]
)
COUPONS = Weighted([("TRAIL10", 3), ("LETTER15", 2)])
REFUND_REASONS = Weighted(
    [("wrong size", 5), ("changed my mind", 4), ("arrived damaged", 2), ("late delivery", 1)]
)

GUIDES = Weighted(
    [
        (Page("/docs/quickstart", "Quickstart", 90), 16),
        (Page("/docs/install/docker", "Install with Docker", 80), 9),
        (Page("/docs/install/kubernetes", "Install on Kubernetes", 110), 7),
        (Page("/docs/concepts/queues", "Queues", 120), 7),
        (Page("/docs/concepts/workers", "Workers", 110), 6),
        (Page("/docs/concepts/retries", "Retries and Backoff", 130), 6),
        (Page("/docs/guides/scheduling", "Scheduling", 100), 5),
        (Page("/docs/guides/observability", "Observability", 95), 4),
        (Page("/docs/guides/migrating", "Migrating from Another Queue", 140), 4),
        (Page("/docs/guides/testing", "Testing Your Workers", 105), 3),
        (Page("/docs/api/python", "Python Client", 85), 8),
        (Page("/docs/api/typescript", "TypeScript Client", 85), 8),
        (Page("/docs/api/go", "Go Client", 85), 5),
        (Page("/docs/api/rest", "REST Reference", 95), 6),
        (Page("/docs/errors", "Error Codes", 40), 6),
        (Page("/docs/security", "Security", 60), 2),
    ]
)
POSTS = Weighted(
    [
        (Page("/blog/zero-downtime-migrations", "Zero-Downtime Migrations", 170), 5),
        (Page("/blog/we-deleted-our-message-broker", "We Deleted Our Message Broker", 190), 4),
        (Page("/blog/one-queue-forty-services", "One Queue, Forty Services", 150), 3),
        (Page("/blog/backpressure-explained", "Backpressure, Explained", 160), 4),
        (Page("/blog/release-4-2", "Release 4.2", 60), 3),
    ]
)
DOCS_SIDE = Weighted(
    [
        (Page("/changelog", "Changelog", 40), 4),
        (Page("/customers", "Customers", 35), 2),
        (Page("/status", "Status", 15), 2),
    ]
)
PLANS = Weighted([(("starter", 1900), 11), (("team", 4900), 6), (("business", 19900), 1.4)])
DOCS_SEARCHES = Weighted(
    [("retry", 6), ("dead letter", 5), ("cron", 5), ("timeout", 4), ("helm", 3), ("sso", 2)]
)
TITLES: dict[Kind, dict[str, str]] = {
    "shop": {
        "/": "Home",
        "/cart": "Your Cart",
        "/checkout": "Checkout",
        "/checkout/thank-you": "Thank You",
        "/search": "Search",
        **{f"/collections/{name}": name.capitalize() for name in COLLECTION.values},
        **{f"/product/{item.slug}": item.title for item in PRODUCT.values},
        **{page.path: page.title for table in (JOURNAL, SHOP_SIDE) for page in table.values},
    },
    "docs": {
        "/": "Home",
        "/pricing": "Pricing",
        "/signup": "Start a Trial",
        "/welcome": "Welcome",
        **{page.path: page.title for table in (GUIDES, POSTS, DOCS_SIDE) for page in table.values},
    },
}
READING_MS: dict[str, float] = {
    page.path: page.reading_s * 1000
    for table in (JOURNAL, SHOP_SIDE, GUIDES, POSTS, DOCS_SIDE)
    for page in table.values
}
USUAL_READING_MS: dict[Kind, float] = {"shop": 28_000, "docs": 50_000}


def title_of(site: DemoSite, path: str) -> str:
    """Give the page's title as browsers show it."""
    return f"{TITLES[site.kind][path]} – {site.name}"


def money(cents: int) -> str:
    """Write cents as a decimal string with two digits: -1250 is "-12.50"."""
    sign = "-" if cents < 0 else ""
    units, rest = divmod(abs(cents), 100)
    return f"{sign}{units}.{rest:02d}"
