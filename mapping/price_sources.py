"""What the price of a product is made of: prices of Visma.net, and what Centra has."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

__all__ = [
    "ItemPrice",
    "PriceSource",
    "PricedItem",
    "PricedVariant",
    "PricelistSource",
    "Shown",
    "in_force",
    "of_currency",
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ItemPrice(_Frozen):
    """A sales price of an item in Visma.net; without dates it holds always.

    `is_base`: one of the base prices, not of the pricelist's own price class. `is_gone`:
    it was there, and a whole list did not have it any more.
    """

    is_base: bool
    unit: str
    break_quantity: Decimal
    price: Decimal
    currency: str
    effective_on: date | None = None
    expires_on: date | None = None
    promotion: bool = False
    warehouse: str = ""
    is_gone: bool = False


class PricedItem(_Frozen):
    """An item that is for sale, with its prices that are in force.

    `unit` is the one it is sold in. `default_price` is in the company's own currency.
    `vat_category` is empty where the pricelist does not ask for it.
    """

    number: str
    unit: str
    default_price: Decimal | None = None
    vat_category: str = ""
    prices: tuple[ItemPrice, ...] = ()


class PricedVariant(_Frozen):
    """A variant of Centra, with the items that are its sizes.

    `is_on_sale`: whether Centra sells it, as far as its status and its product's say.
    """

    id: int
    number: str
    items: tuple[PricedItem, ...]
    is_on_sale: bool = True


class Shown(_Frozen):
    """What a display shows as the price of some variants: the lowest of them."""

    variants: tuple[int, ...]
    price: Decimal


class PriceSource(_Frozen):
    """A product of Centra on one pricelist, with all that its price follows from.

    `others` are variants that no item for sale is a size of, and `lost` items for sale
    that were sizes of it, and that no size carries any more. `shown` is what Centra
    shows, `sent` what the connector wrote last, by variant, and `stood` what it had
    written before the window in which changes are added up. `fell` are variants that
    it has priced from another list since their own price was gone. `usual` is what
    variants cost before the promotion whose price it wrote last, and `rule` the settings
    of the pricelist as they were then.
    """

    pricelist: str
    pricelist_id: int
    currency: str
    product_id: int
    product_number: str
    variants: tuple[PricedVariant, ...]
    others: tuple[int, ...] = ()
    lost: tuple[str, ...] = ()
    shown: tuple[Shown, ...] = ()
    sent: dict[int, Decimal] = {}
    stood: dict[int, Decimal] = {}
    fell: tuple[int, ...] = ()
    usual: dict[int, Decimal] = {}
    rule: str = ""

    @property
    def reference(self) -> str:
        """How the price is known: it belongs to one pricelist and one product."""
        return f"{self.pricelist_id}/{self.product_id}"


class PricelistSource(_Frozen):
    """A pricelist that is named in the settings, and what is known of it.

    `known` are the names that Centra has. `currencies` are those of the prices that
    Visma.net has for it, now or at another time, and `currency` is the pricelist's own.
    `others` are more names of the settings that lead to the same pricelist.
    """

    name: str
    known: tuple[str, ...]
    currency: str = ""
    currencies: tuple[str, ...] = ()
    table: str = ""
    others: tuple[str, ...] = ()


def of_currency(prices: Iterable[ItemPrice], currency: str) -> tuple[ItemPrice, ...]:
    """The prices in a currency; of a place that has none of them, all that it has.

    So a price in another currency is told where it is the only one, and is no part of
    what a pricelist is made of where it is not.
    """
    found = tuple(prices)
    has = {one.is_base for one in found if one.currency == currency and not one.is_gone}
    return tuple(
        one
        for one in found
        if one.currency == currency or not (one.is_gone or one.is_base in has)
    )


def in_force(prices: Iterable[ItemPrice], on: date) -> tuple[ItemPrice, ...]:
    """The prices that hold on a day; the last day of a price is one of them."""
    return tuple(
        one
        for one in prices
        if (one.effective_on is None or one.effective_on <= on)
        and (one.expires_on is None or on <= one.expires_on)
    )
