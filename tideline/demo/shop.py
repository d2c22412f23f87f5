"""A visit to the shop: landing, products, cart, checkout, purchase, and what may follow."""

from tideline.demo.catalogue import (
    BY_CATEGORY,
    COLLECTION,
    COUPONS,
    JOURNAL,
    PRODUCT,
    REFUND_REASONS,
    SEARCHES,
    SHOP_SIDE,
    SIZES,
    Product,
)
from tideline.demo.rhythm import DAY_MS
from tideline.demo.sources import Origin
from tideline.demo.trail import Trail

BOUNCE_RATE = 0.44
NO_PRODUCT_RATE = 0.24
CART_RATE = 0.18
CHECKOUT_RATE = 0.56
PURCHASE_RATE = 0.76
REFUND_RATE = 0.065
SIGNUP_RATE = 0.018
SHIPPING_CENTS = 690
FREE_SHIPPING_FROM_CENTS = 12_000
DEVICE_APPETITE = {"desktop": 1.25, "tablet": 1.0, "mobile": 0.85}


def visit(trail: Trail, origin: Origin) -> None:
    """Walk one visit through the shop."""
    rng = trail.rng
    appetite = origin.quality * trail.visitor.loyalty.appetite
    appetite *= DEVICE_APPETITE[str(trail.visitor.fields["device"])]
    trail.view(origin.landing or _landing(trail), origin.query)
    trail.read()
    if rng.random() < BOUNCE_RATE / appetite**0.5:
        return
    _look_around(trail)
    if rng.random() < SIGNUP_RATE * appetite:
        trail.record("signup", list="thursday letter")
    if rng.random() < NO_PRODUCT_RATE:
        return
    products = _look_at_products(trail)
    if rng.random() < CART_RATE * appetite:
        _buy(trail, products)


def _landing(trail: Trail) -> str:
    rng = trail.rng
    u = rng.random()
    if u < 0.36:
        return "/"
    if u < 0.58:
        return f"/collections/{COLLECTION(rng.random())}"
    if u < 0.86:
        return f"/product/{PRODUCT(rng.random()).slug}"
    return (JOURNAL if u < 0.97 else SHOP_SIDE)(rng.random()).path


def _look_around(trail: Trail) -> None:
    rng = trail.rng
    u = rng.random()
    if u < 0.62:
        trail.view(f"/collections/{COLLECTION(rng.random())}")
    elif u < 0.80:
        term = SEARCHES(rng.random())
        trail.view("/search", f"q={term.replace(' ', '+')}")
        trail.record("search", query=term, results=int(rng.random() * 24))
    elif u < 0.90:
        trail.view(SHOP_SIDE(rng.random()).path)
    else:
        trail.view(JOURNAL(rng.random()).path)
    trail.read()


def _look_at_products(trail: Trail) -> list[Product]:
    rng = trail.rng
    products = [PRODUCT(rng.random())]
    while rng.random() < 0.48 and len(products) < 7:
        products.append(BY_CATEGORY[products[-1].category](rng.random()))
    for product in products:
        trail.view(f"/product/{product.slug}")
        trail.read()
    return products


def _buy(trail: Trail, products: list[Product]) -> None:
    rng = trail.rng
    basket = [products[-1]]
    _add_to_cart(trail, products[-1])
    if rng.random() < 0.34:
        basket.append(PRODUCT(rng.random()))
        trail.view(f"/product/{basket[-1].slug}")
        trail.read()
        _add_to_cart(trail, basket[-1])
    trail.view("/cart")
    lift = trail.expose()
    trail.read(0.6)
    if rng.random() >= CHECKOUT_RATE * lift:
        return
    trail.record("checkout_start", items=len(basket))
    trail.view("/checkout")
    trail.read(2.0)
    if rng.random() < PURCHASE_RATE:
        _pay(trail, basket)


def _add_to_cart(trail: Trail, product: Product) -> None:
    properties: dict[str, object] = {"product": product.slug, "category": product.category}
    if product.category == "layers":
        properties["size"] = SIZES(trail.rng.random())
    trail.record("add_to_cart", **properties)
    trail.now_ms += 2500


def _pay(trail: Trail, basket: list[Product]) -> None:
    rng = trail.rng
    goods = sum(product.cents for product in basket)
    order: dict[str, object] = {
        "order_id": f"HP-{trail.visitor.ident[-9:]}-{trail.visitor.visits}",
        "items": len(basket),
    }
    if rng.random() < 0.14:
        order["coupon"] = coupon = COUPONS(rng.random())
        goods -= goods * int(coupon[-2:]) // 100
    shipping = 0 if goods >= FREE_SHIPPING_FROM_CENTS else SHIPPING_CENTS
    trail.pay(goods + shipping, **order)
    trail.now_ms += 900
    trail.view("/checkout/thank-you")
    trail.read(0.5)
    if rng.random() < REFUND_RATE:
        returned = goods if rng.random() < 0.7 else goods // 2
        later = trail.now_ms + int((2 + rng.random() * 16) * DAY_MS)
        reason = REFUND_REASONS(rng.random())
        trail.follow_up("refund", later, -returned, order_id=order["order_id"], reason=reason)
