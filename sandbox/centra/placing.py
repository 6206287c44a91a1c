"""Placing an order, line by line: what the checkout does."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.centra.goods import ProductSize
from sandbox.centra.money import Frame, spread
from sandbox.centra.places import Address, Country, Market, Pricelist, TaxRule
from sandbox.centra.sales import Discount, LineKind, Order, OrderLine, TaxMode
from sandbox.centra.store import CentraInstance
from sandbox.centra.totals import totals_of

__all__ = [
    "add_bundle",
    "add_discount",
    "add_line",
    "authorise",
    "capture",
    "new_order",
    "owed",
    "reference_of",
]


def new_order(
    instance: CentraInstance,
    *,
    market: Market,
    pricelist: Pricelist,
    country: Country,
    tax_mode: TaxMode,
    at: datetime,
    address: Address,
    number: int | None = None,
    has_dust: bool = False,
    **more: Any,  # noqa: ANN401
) -> Order:
    """Return an empty confirmed order that the instance does not know yet."""
    if number is None:
        number = instance.next_id("order")
    else:
        instance.reserve_id("order", number)
    currency = pricelist.currency
    return Order(
        id=instance.order_id(number),
        number=number,
        status="CONFIRMED",
        created_at=at,
        updated_at=at,
        order_date=at,
        store=market.store,
        market=market,
        pricelist=pricelist,
        country=country,
        frame=Frame(currency, currency.current_base_rate, at, has_dust),
        tax_mode=tax_mode,
        shipping_address=address,
        billing_address=more.pop("billing_address", address),
        **more,
    )


def add_line(
    instance: CentraInstance,
    order: Order,
    size: ProductSize,
    quantity: int,
    unit_price: int | Decimal,
    rule: TaxRule | None,
    *,
    original: int | Decimal | None = None,
    kind: LineKind = "Product",
    bundle_line: OrderLine | None = None,
) -> OrderLine:
    """Put goods into the order; names and numbers are copied onto the line."""
    product = size.variant.product
    line = OrderLine(
        id=instance.next_id("line"),
        kind=kind,
        product_number=product.product_number,
        product_name=product.name,
        product_variant_name=size.variant.name,
        size=size.description,
        quantity=quantity,
        unit_price=unit_price,
        unit_original_price=unit_price if original is None else original,
        rule=rule,
        product_size=size,
        bundle_line=bundle_line,
    )
    order.lines.append(line)
    return line


def add_bundle(
    instance: CentraInstance,
    order: Order,
    size: ProductSize,
    contents: Sequence[tuple[ProductSize, int]],
    quantity: int,
    unit_price: int,
    rule: TaxRule | None,
) -> OrderLine:
    """Put a bundle and its contents into the order; the contents share its price.

    `contents` are sizes with the price that each has alone, the weights of the shares.
    """
    bundle = add_line(instance, order, size, quantity, unit_price, rule, kind="Bundle")
    shares = spread(unit_price, [alone for _, alone in contents])
    for (item, alone), share in zip(contents, shares, strict=True):
        add_line(
            instance,
            order,
            item,
            quantity,
            share,
            rule,
            original=alone,
            kind="BundleItem",
            bundle_line=bundle,
        )
    return bundle


def add_discount(order: Order, typename: Any, amount: int) -> None:  # noqa: ANN401
    """Give a discount on the whole order."""
    order.discounts.append(Discount(typename, amount, order.created_at))


def owed(order: Order) -> int:
    """Return what is left to pay after gift cards."""
    redeemed = sum(
        entry.amount
        for entry in order.payments
        if entry.entry_type == "AUTH_GIFT_CARD" and entry.status == "SUCCESS"
    )
    return totals_of(order).grand_total - redeemed


def authorise(
    instance: CentraInstance,
    order: Order,
    *,
    at: datetime,
    gift_card: int = 0,
    reference: str | None = None,
) -> None:
    """Reserve the money: first on a gift card, then at the payment method."""
    if gift_card:
        instance.add_payment(
            order,
            "AUTH_GIFT_CARD",
            min(gift_card, totals_of(order).grand_total),
            at=at,
            reference=f"GC-{order.number}",
            method="Gift card",
        )
    left = owed(order)
    if left > 0 and order.payment_method is not None:
        instance.add_payment(
            order, "AUTH", left, at=at, reference=reference or reference_of(order)
        )


def capture(instance: CentraInstance, order: Order, *, at: datetime) -> None:
    """Take what was reserved."""
    captures = {"AUTH": "CAPTURE", "AUTH_GIFT_CARD": "CAPTURE_GIFT_CARD"}
    taken = [entry.entry_type for entry in order.payments if entry.status == "SUCCESS"]
    for entry in list(order.payments):
        entry_type = captures.get(entry.entry_type)
        if entry.status != "SUCCESS" or entry_type is None or entry_type in taken:
            continue
        instance.add_payment(
            order,
            entry_type,
            entry.amount,
            at=at,
            reference=entry.external_reference,
            method=entry.payment_method,
        )


def reference_of(order: Order) -> str:
    """Return what the payment provider calls the payment of an order."""
    if order.payment_method is None:
        return f"NONE-{order.number}"
    prefix = order.payment_method.uri.split("-")[0].upper()
    return f"{prefix}-{order.id[:12].upper()}"
