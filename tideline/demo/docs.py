"""A visit to the documentation: reading, trying, signing up and, later, subscribing."""

from tideline.demo.catalogue import DOCS_SEARCHES, DOCS_SIDE, GUIDES, PLANS, POSTS
from tideline.demo.rhythm import DAY_MS
from tideline.demo.sources import Origin
from tideline.demo.trail import Trail

BOUNCE_RATE = 0.42
PRICING_RATE = 0.17
SIGNUP_RATE = 0.25
SUBSCRIBE_RATE = 0.10
REFUND_RATE = 0.05
FEEDBACK_RATE = 0.03
COPY_RATE = 0.24


def visit(trail: Trail, origin: Origin) -> None:
    """Walk one visit through the documentation site."""
    rng = trail.rng
    visitor = trail.visitor
    trail.view(origin.landing or _landing(trail), origin.query)
    trail.read()
    if rng.random() < BOUNCE_RATE / origin.quality:
        return
    _study(trail)
    appetite = origin.quality * visitor.loyalty.appetite
    if rng.random() < PRICING_RATE * appetite and visitor.visits < 6:
        _consider(trail)
    elif visitor.is_signed_in and rng.random() < SUBSCRIBE_RATE / visitor.visits:
        _subscribe(trail)


def _landing(trail: Trail) -> str:
    rng = trail.rng
    u = rng.random()
    if u < 0.20:
        return "/"
    if u < 0.80:
        return GUIDES(rng.random()).path
    return (POSTS if u < 0.94 else DOCS_SIDE)(rng.random()).path


def _study(trail: Trail) -> None:
    rng = trail.rng
    if rng.random() < 0.16:
        term = DOCS_SEARCHES(rng.random())
        trail.record("search", query=term, results=int(rng.random() * 12))
        trail.now_ms += 4000
    for _ in range(8):
        trail.view((GUIDES if rng.random() < 0.88 else POSTS)(rng.random()).path)
        trail.read()
        if rng.random() < COPY_RATE:
            trail.record("copy_code", block=int(rng.random() * 5) + 1)
        if rng.random() > 0.58:
            break
    if rng.random() < FEEDBACK_RATE:
        trail.record("page_feedback", helpful=rng.random() < 0.8)


def _consider(trail: Trail) -> None:
    rng = trail.rng
    trail.view("/pricing")
    lift = trail.expose()
    trail.read()
    if not trail.visitor.is_signed_in and rng.random() < SIGNUP_RATE * lift:
        trail.view("/signup")
        trail.read()
        trail.record("signup", plan=PLANS(rng.random())[0], trial_days=14)
        trail.view("/welcome")
        trail.read()
        if rng.random() < SUBSCRIBE_RATE:
            _subscribe(trail)


def _subscribe(trail: Trail) -> None:
    rng = trail.rng
    plan, cents = PLANS(rng.random())
    trail.pay(cents, plan=plan, interval="month")
    if rng.random() < REFUND_RATE:
        later = trail.now_ms + int((1 + rng.random() * 13) * DAY_MS)
        trail.follow_up("refund", later, -cents, plan=plan, reason="cancelled")
