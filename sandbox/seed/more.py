"""More orders for a shop that runs: ordinary ones, or one after a description."""

from datetime import datetime
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from sandbox.centra.people import Customer
from sandbox.centra.placing import add_discount, authorise, capture
from sandbox.centra.sales import Order, OrderLine
from sandbox.centra.store import CentraInstance
from sandbox.seed.markets import SALES_COUNTRIES
from sandbox.seed.retail import Retail, put_retail
from sandbox.seed.shops import add_tax_rule
from sandbox.seed.wholesale import empty_wholesale, put_wholesale

if TYPE_CHECKING:
    from sandbox.world import World

__all__ = ["place_like", "place_more"]


def place_more(world: "World", instance: CentraInstance, count: int) -> list[Order]:
    """Place ordinary orders now; the same world in the same state gets the same ones."""
    rng = world.random(f"centra/{instance.name}/{len(instance.orders)}")
    retail = Retail(instance, rng)
    open_in = [code for code in SALES_COUNTRIES if _sells_to(instance, code)]
    shares = [SALES_COUNTRIES[code].share for code in open_in]
    now = instance.clock.now().replace(microsecond=0)
    return [retail.ordinary(rng.choices(open_in, shares)[0], now) for _ in range(count)]


def _sells_to(instance: CentraInstance, country: str) -> bool:
    return any(
        country in (c.code for c in market.assigned_to_countries)
        for market in instance.markets.values()
    )


def place_like(instance: CentraInstance, wish: dict[str, Any]) -> Order:
    """Place one order after a description.

    Keys, all optional: `country` (SE), `account` (id of a wholesale account, instead of a
    customer), `customer` {id} or {email, first_name, last_name, registered}, `address` {fields},
    `lines` [{sku, quantity, unit_price, original_price, tax_percent, cancelled, gift_certificate}], `shipping`,
    `handling`, `discounts` [{type, value}], `gift_card`, `status`, `on_hold`,
    `waiting_for_payment`, `internal`, `placed_at`, `payment` (uri of a method), `paid` (true),
    `captured` (false), `po_number`, `off_by` (breaks the grand total). Money is a number or a text in the order's currency.

    Raises:
        LookupError: an account, an item, a country or a payment method is unknown.
    """
    rng = Random(f"{instance.name}/{len(instance.orders)}")  # noqa: S311
    retail = Retail(instance, rng)
    at = instance.clock.now().replace(microsecond=0)
    if "placed_at" in wish:
        at = datetime.fromisoformat(wish["placed_at"])
    if "account" in wish:
        account = instance.accounts[int(wish["account"])]
        order = empty_wholesale(instance, account, at)
    else:
        country = str(wish.get("country", "SE"))
        customer = _customer(retail, country, at, wish.get("customer") or {})
        order = retail.empty(country, at, customer=customer)
    for name, value in (wish.get("address") or {}).items():
        setattr(order.shipping_address, name, value)
    for line in wish.get("lines") or ({"sku": "NH1104NAVM"},):
        _put(instance, order, line)
    order.shipping = _minor(order, wish.get("shipping", 0))
    order.handling = _minor(order, wish.get("handling", 0))
    for discount in wish.get("discounts") or ():
        add_discount(order, discount["type"], _minor(order, discount["value"]))
    order.grand_total_is_off_by = _minor(order, wish.get("off_by", 0))
    order.status = str(wish.get("status", "CONFIRMED"))
    order.is_on_hold = bool(wish.get("on_hold"))
    order.is_waiting_for_payment = bool(wish.get("waiting_for_payment"))
    order.is_internal = bool(wish.get("internal"))
    order.purchase_order_number = wish.get("po_number", order.purchase_order_number)
    if "payment" in wish:
        order.payment_method = instance.payment_methods[str(wish["payment"])]
    if wish.get("paid", True) and order.account is None:
        gift_card = _minor(order, wish.get("gift_card", 0))
        authorise(instance, order, at=at, gift_card=gift_card)
        if wish.get("captured"):
            capture(instance, order, at=at)
    return retail.place(order)


def _customer(
    retail: Retail, country: str, at: datetime, wish: dict[str, Any]
) -> Customer | None:
    if "id" in wish:
        return retail.instance.customers[int(wish["id"])]
    if not wish:
        return None
    more = {k: wish[k] for k in ("email", "first_name", "last_name") if k in wish}
    registered = bool(wish.get("registered"))
    return retail.customer(country, at, registered=registered, **more)


def _put(instance: CentraInstance, order: Order, wish: dict[str, Any]) -> OrderLine:
    put = put_retail if order.account is None else put_wholesale
    price = _minor(order, wish["unit_price"]) if "unit_price" in wish else None
    quantity = int(wish.get("quantity", 1))
    line = put(instance, order, str(wish["sku"]), quantity, price=price)
    if "original_price" in wish:
        line.unit_original_price = _minor(order, wish["original_price"])
    if "tax_percent" in wish:
        points = int(Decimal(str(wish["tax_percent"])) * 100)
        line.rule = next(
            (r for r in instance.tax_rules.values() if r.basis_points == points),
            None,
        ) or add_tax_rule(instance, order.country, f"extra-{points}", points)
    line.cancelled_quantity = int(wish.get("cancelled", 0))
    if wish.get("gift_certificate"):
        line.kind, line.rule = "GiftCertificate", None
        line.product_number, line.product_name = "GIFT", "Presentkort"
    return line


def _minor(order: Order, value: float | str) -> int:
    return int(Decimal(str(value)) * order.frame.currency.denominator)
