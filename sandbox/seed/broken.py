"""The orders that are broken on purpose: each must be found, named and parked."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal

from sandbox.centra.sales import Order
from sandbox.centra.totals import totals_of
from sandbox.seed.catalogue import UNKNOWN_IN_VISMA
from sandbox.seed.retail import Retail
from sandbox.seed.shops import add_tax_rule
from sandbox.seed.wholesale import Wholesale
from sandbox.world import Planted

__all__ = ["Broken", "broken", "planted"]

Broken = tuple[str, Callable[[datetime], Order]]


def broken(retail: Retail, wholesale: Wholesale) -> Iterator[Broken]:
    """Yield what is wrong with each broken order, and its placer."""

    def old_rate(at: datetime) -> Order:
        order = retail.empty("FI", at)
        retail.put(order, "NH1103REDM")
        until = datetime(2024, 9, 1, tzinfo=UTC)
        rule = add_tax_rule(
            retail.instance, order.country, "standard", 2400, until=until
        )
        order.lines[0].rule = rule
        order.shipping = 590
        return retail.place(retail.pay(order))

    def wrong_sum(at: datetime) -> Order:
        order = retail.empty("SE", at)
        retail.put(order, "NH1201REDL")
        order.grand_total_is_off_by = 100
        return retail.place(retail.pay(order))

    def blocked(at: datetime) -> Order:
        return wholesale.place(wholesale.order("blocked", at))

    def unknown_item(at: datetime) -> Order:
        order = retail.empty("SE", at)
        retail.put(order, UNKNOWN_IN_VISMA)
        return retail.place(retail.pay(order))

    def unknown_currency(at: datetime) -> Order:
        order = retail.empty("CH", at)
        retail.put(order, "NH1001GRNL")
        order.shipping = 900
        return retail.place(retail.pay(order))

    yield "the VAT rate of 24 % for Finland is not in the settings", old_rate
    yield "the total is 1.00 higher than its parts", wrong_sum
    yield "the customer is on credit hold in Visma.net", blocked
    yield f"the item {UNKNOWN_IN_VISMA} is not in Visma.net", unknown_item
    yield "the currency CHF is not in the settings", unknown_currency


def planted(instance: str, order: Order, problem: str) -> Planted:
    """Return the note of a broken order."""
    currency = order.frame.currency
    gross = Decimal(totals_of(order).grand_total) / currency.denominator
    digits = Decimal(1).scaleb(-currency.decimal_digits)
    return Planted(
        instance, str(order.number), problem, gross.quantize(digits), currency.code
    )
