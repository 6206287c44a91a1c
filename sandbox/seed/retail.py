"""Orders of consumers: a basket, its price, its shipping, its payment."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

from sandbox.centra.goods import ProductSize
from sandbox.centra.hands import send
from sandbox.centra.people import Customer
from sandbox.centra.places import Pricelist
from sandbox.centra.placing import (
    add_bundle,
    add_discount,
    add_line,
    authorise,
    capture,
    new_order,
)
from sandbox.centra.sales import Order, OrderLine
from sandbox.centra.selling import price_of, why_not_for_sale
from sandbox.centra.store import CentraInstance
from sandbox.centra.totals import totals_of
from sandbox.seed.catalogue import BUNDLE, BUNDLE_CONTENTS, UNKNOWN_IN_VISMA
from sandbox.seed.markets import SALES_COUNTRIES
from sandbox.seed.names import address_of, e_mail, person
from sandbox.seed.shops import dtc_market, dtc_pricelist, dtc_rule

__all__ = ["Retail", "percent_of", "put_retail"]

_NOT_ORDINARY = {BUNDLE, UNKNOWN_IN_VISMA}


def percent_of(amount: int, percent: int) -> int:
    """Return a share of an amount, odd cents and all."""
    share = Decimal(amount) * percent / 100
    return int(share.to_integral_value(ROUND_HALF_UP))


def put_retail(
    instance: CentraInstance,
    order: Order,
    sku: str,
    quantity: int = 1,
    *,
    off: int = 0,
    price: int | None = None,
) -> OrderLine:
    """Put goods into an order at the pricelist's price, so many percent off it, or at another.

    Raises:
        LookupError: they are not for sale, and no price was agreed on.
    """
    size = instance.size_of(sku)
    if price is None:
        price = price_of(instance, size, order.pricelist)
    rule = dtc_rule(instance, order.country.code, size.variant.product.kind)
    return add_line(
        instance,
        order,
        size,
        quantity,
        price - percent_of(price, off),
        rule,
        original=price,
    )


class Retail:
    """The web shop of one instance, with its customers."""

    def __init__(self, instance: CentraInstance, rng: Random) -> None:
        self.instance = instance
        self.rng = rng
        self._regulars: dict[str, list[Customer]] = {}
        self._for_sale: dict[int, dict[str, list[ProductSize]]] = {}
        """By pricelist and kind of goods."""

    # -- who ------------------------------------------------------------------------

    def customer(
        self,
        country: str,
        at: datetime,
        *,
        registered: bool,
        **more: Any,  # noqa: ANN401
    ) -> Customer:
        """Return a new customer."""
        first, last = person(self.rng, country)
        number = self.instance.next_id("customer")
        customer = Customer(
            id=number,
            email=more.pop("email", e_mail(first, last, number)),
            first_name=more.pop("first_name", first),
            last_name=more.pop("last_name", last),
            created_at=at,
            updated_at=at,
            is_registered=registered,
            **more,
        )
        if registered:
            self._regulars.setdefault(country, []).append(customer)
        return self.instance.add_customer(customer)

    def any_customer(self, country: str, at: datetime) -> Customer:
        """Return somebody who buys: a guest, a new member or one who was here before."""
        regulars = self._regulars.get(country, [])
        dice = self.rng.random()
        if regulars and dice < 0.4:  # noqa: PLR2004  # four of ten come back
            return self.rng.choice(regulars)
        return self.customer(country, at, registered=dice < 0.65)  # noqa: PLR2004

    # -- what -----------------------------------------------------------------------

    def empty(
        self,
        country: str,
        at: datetime,
        *,
        customer: Customer | None = None,
        **more: Any,  # noqa: ANN401
    ) -> Order:
        """Return an order with an address and nothing in it."""
        place = SALES_COUNTRIES[country]
        customer = customer or self.any_customer(country, at)
        pricelist = dtc_pricelist(self.instance, place.currency)
        assert pricelist is not None  # noqa: S101  # every market has one
        where = self.instance.countries[country]
        address = address_of(self.rng, where, customer, phone=place.phone)
        customer.shipping_address = customer.shipping_address or address
        customer.billing_address = customer.billing_address or address
        return new_order(
            self.instance,
            market=dtc_market(self.instance, country),
            pricelist=pricelist,
            country=where,
            tax_mode=place.tax_mode,
            at=at,
            address=address,
            customer=customer,
            payment_method=self.instance.payment_methods[place.payment],
            shipping_option=self.instance.shipping_options["home"],
            user_ip=f"192.0.2.{self.rng.randint(1, 254)}",
            **more,
        )

    def put(
        self, order: Order, sku: str, quantity: int = 1, *, off: int = 0
    ) -> OrderLine:
        """Put goods into an order at the list price, or so many percent off it."""
        return put_retail(self.instance, order, sku, quantity, off=off)

    def put_bundle(self, order: Order, quantity: int = 1) -> OrderLine:
        """Put the winter bundle into an order, with its contents."""
        sizes = [self.instance.size_of(sku) for sku in BUNDLE_CONTENTS]
        bundle = self.instance.size_of(BUNDLE)
        return add_bundle(
            self.instance,
            order,
            bundle,
            [(s, price_of(self.instance, s, order.pricelist)) for s in sizes],
            quantity,
            price_of(self.instance, bundle, order.pricelist),
            dtc_rule(self.instance, order.country.code, "standard"),
        )

    def put_something(self, order: Order) -> None:
        """Fill an order as people do: one to four things, mostly one of each."""
        place = SALES_COUNTRIES[order.country.code]
        rng, goods = self.rng, self._goods(order.pricelist)
        for _ in range(rng.choices((1, 2, 3, 4), (45, 30, 16, 9))[0]):
            kind = rng.choice(place.kinds)
            size = rng.choice(goods[kind])
            quantity = rng.choices((1, 2, 3), (85, 12, 3))[0]
            off = rng.choice((20, 30, 15)) if rng.random() < 0.2 else 0  # noqa: PLR2004
            self.put(order, size.sku, quantity, off=off)

    def _goods(self, pricelist: Pricelist) -> dict[str, list[ProductSize]]:
        """Return what people buy on a pricelist, by kind of goods."""
        goods = self._for_sale.get(pricelist.id)
        if goods is None:
            goods = self._for_sale[pricelist.id] = {}
            for size in self._shown():
                if size.sku not in _NOT_ORDINARY and not why_not_for_sale(
                    self.instance, size, pricelist
                ):
                    goods.setdefault(size.variant.product.kind, []).append(size)
        return goods

    def _shown(self) -> Iterator[ProductSize]:
        """Yield what any store shows: of a large catalogue that is little."""
        for product in self.instance.catalogue.products.values():
            if product.displays:
                yield from product.sizes

    def charge_shipping(self, order: Order) -> None:
        """Charge shipping unless the basket is large enough."""
        place = SALES_COUNTRIES[order.country.code]
        if totals_of(order).line_values < place.free_from:
            order.shipping = place.shipping
        order.totals_cache = None

    # -- how it goes on -------------------------------------------------------------

    def pay(self, order: Order, *, gift_card: int = 0, shipped: bool = False) -> Order:
        """Authorise the order and, when it has left, capture it."""
        order.totals_cache = None
        at = order.created_at
        authorise(self.instance, order, at=at, gift_card=gift_card)
        if shipped:
            left_at = min(
                at + timedelta(hours=self.rng.randint(5, 50)), self.instance.clock.now()
            ).replace(microsecond=0)
            capture(self.instance, order, at=left_at)
            send(self.instance, order, max(left_at, at))
        return order

    def place(self, order: Order) -> Order:
        """Hand the finished order to the instance."""
        order.totals_cache = None
        return self.instance.add_order(order)

    def ordinary(self, country: str, at: datetime, *, shipped: bool = False) -> Order:
        """Place an order of the usual kind, with the usual few specialities."""
        rng = self.rng
        order = self.empty(country, at)
        if rng.random() < 0.03:  # noqa: PLR2004
            self.put_bundle(order)
        else:
            self.put_something(order)
        self.charge_shipping(order)
        gift_card = 0
        chance = rng.random()
        for limit, speciality in self._specialities():
            if chance < limit:
                gift_card = speciality(order) or 0
                break
        else:
            if rng.random() < 0.03:  # noqa: PLR2004
                self.cancel_part(order)
        self.pay(order, gift_card=gift_card, shipped=shipped)
        return self.place(order)

    def _specialities(self) -> tuple[tuple[float, Callable[[Order], int | None]], ...]:
        return (
            (0.08, self.give_voucher),
            (0.11, self.give_free_shipping),
            (0.13, self.give_goodwill),
            (0.16, self.give_credit),
            (0.20, self.gift_card_for),
            (0.24, self.charge_handling),
        )

    def give_voucher(self, order: Order, percent: int = 15) -> None:
        """Take a percentage off the goods."""
        value = percent_of(totals_of(order).line_values, percent)
        add_discount(order, "AppliedVoucherDiscount", value)

    def give_free_shipping(self, order: Order) -> None:
        """Take the shipping off again."""
        if not order.shipping:
            order.shipping = SALES_COUNTRIES[order.country.code].shipping
        add_discount(order, "AppliedVoucherFreeShipping", order.shipping)

    def give_goodwill(self, order: Order) -> None:
        """Take off what the customer service promised."""
        value = min(totals_of(order).line_values // 10, 10_000)
        add_discount(order, "AdminDiscount", value)

    def give_credit(self, order: Order) -> None:
        """Pay a part with store credit."""
        add_discount(order, "AppliedVoucherCredit", totals_of(order).grand_total // 3)

    def gift_card_for(self, order: Order) -> int:
        """Return what a gift card pays of the order."""
        return totals_of(order).grand_total // 2

    def charge_handling(self, order: Order) -> None:
        """Charge a fee for wrapping."""
        order.handling = SALES_COUNTRIES[order.country.code].shipping // 2

    def cancel_part(self, order: Order) -> None:
        """Cancel a unit of the first line that can spare one, else the last line."""
        lines = order.counted_lines
        line = next((x for x in lines if x.quantity > 1), None)
        if line is not None and line.kind == "Product":
            line.quantity -= 1
            line.cancelled_quantity += 1
        elif len(lines) > 1 and lines[-1].kind == "Product":
            lines[-1].cancelled_quantity = lines[-1].quantity
            lines[-1].quantity = 0
