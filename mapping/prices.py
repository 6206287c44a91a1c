"""Prices of Visma.net to a pricelist of Centra: one price of a product, or one a variant.

Centra has no price of a size, so the sizes of a variant must agree. What cannot be
priced is told variant by variant, and the others of the product go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from connectors.errors import RecordError
from mapping.item_prices import fell_back, is_promoted, price_of_item
from mapping.money import Money
from mapping.price_sources import (
    PricedVariant,
    PricelistSource,
    PriceSource,
)
from mapping.scope import LeftOut
from settings.connection import Connection

__all__ = [
    "PriceWish",
    "check_pricelist",
    "parse_price_source",
    "price_source",
    "pricelist_source",
    "source_to_wish",
    "stands",
    "troubles_of",
    "variant_to_trouble",
]


_NOT_FOR_SALE = LeftOut("NOT_FOR_SALE", "none of its items is for sale in Visma.net")


class PriceWish(BaseModel):
    """What a product should cost on a pricelist.

    `prices` are those of all variants that are priced. `price` is the product's own, and
    `override` takes away what single variants have instead; None leaves it as it is.
    `fallen` are variants that are priced from elsewhere because their own price is gone,
    and `promoted` those whose price is a promotion's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    pricelist_id: int
    currency: str
    product_id: int
    price: Decimal | None
    override: bool
    prices: dict[int, Decimal]
    fallen: tuple[int, ...] = ()
    promoted: tuple[int, ...] = ()

    @property
    def reference(self) -> str:
        """How the price is known: it belongs to one pricelist and one product."""
        return f"{self.pricelist_id}/{self.product_id}"


def pricelist_source(name: str) -> str:
    """The record of a pricelist that is named in the settings."""
    return f"price:{name.replace('%', '%25').replace('/', '%2F')}"


def price_source(pricelist_id: int, product_id: int, variant_id: int = 0) -> str:
    """The record of a product's price on a pricelist, or of one variant's."""
    own = f"price:{pricelist_id}/{product_id}"
    return f"{own}/{variant_id}" if variant_id else own


def parse_price_source(source_id: str) -> tuple[str, ...]:
    """Pricelist, product and variant of a record, as far as it names them.

    A pricelist that is named in the settings is one part; what is no price is none.
    """
    kind, _, rest = source_id.partition(":")
    return tuple(rest.split("/")) if kind == "price" else ()


def check_pricelist(source: PricelistSource) -> LeftOut:
    """Say that a pricelist can be priced.

    Raises:
        RecordError: Centra does not have it, the settings name it twice, or Visma.net has
            no price in its currency.
    """
    if source.name not in source.known:
        known = ", ".join(source.known) or "none"
        raise RecordError(
            f"Pricelist '{source.name}' of prices.pricelists is not in Centra",
            code="PRICELIST_UNKNOWN",
            fix=f"Correct its name in the settings; known are: {known}.",
            record_id=source.name,
        )
    if source.others:
        others = ", ".join(f"'{one}'" for one in source.others)
        raise RecordError(
            f"Pricelist '{source.name}' of prices.pricelists is named there again, as "
            f"{others}",
            code="PRICELIST_TWICE",
            fix="Leave one of them in the settings; until then none of its prices is "
            "carried.",
            record_id=source.name,
        )
    if not source.currencies:
        raise RecordError(
            f"Visma.net has no price for pricelist '{source.name}': {source.table} "
            "has none",
            code="PRICE_CLASS_EMPTY",
            fix="Correct prices.pricelists, or enter the prices in Visma.net.",
            record_id=source.name,
        )
    if source.currency not in source.currencies:
        found = ", ".join(source.currencies)
        raise RecordError(
            f"Pricelist '{source.name}' is in {source.currency}, and Visma.net has only "
            f"{found} in {source.table}",
            code="PRICELIST_CURRENCY",
            fix="Name another price class in prices.pricelists, or enter prices in "
            f"{source.currency} in Visma.net; nothing is ever converted.",
            record_id=source.name,
        )
    return LeftOut("PRICELIST_IS_FINE", "the pricelist can be priced")


def source_to_wish(source: PriceSource, connection: Connection) -> PriceWish | LeftOut:
    """What a product should cost, as far as its variants can be priced.

    Raises:
        RecordError: None of its variants can be.
    """
    if not source.variants:
        return _off_sale(source)
    prices, troubles = _priced(source, connection)
    if not prices:
        if troubles:
            raise next(iter(troubles.values()))
        return LeftOut("NO_PRICE", "none of its items has a price")
    rule = connection.prices.pricelists[source.pricelist]
    is_whole = len(prices) == len(source.variants) + len(source.others)
    is_one = len(set(prices.values())) == 1
    priced = [one for one in source.variants if one.id in prices]
    return PriceWish(
        pricelist_id=source.pricelist_id,
        currency=source.currency,
        product_id=source.product_id,
        price=min(prices.values()) if is_whole else None,
        override=is_whole and is_one,
        prices=prices,
        fallen=tuple(
            one.id for one in priced if any(fell_back(item, rule) for item in one.items)
        ),
        promoted=tuple(
            one.id
            for one in priced
            if any(is_promoted(item, source.currency, rule) for item in one.items)
        ),
    )


def variant_to_trouble(
    source: PriceSource, variant_id: int, connection: Connection
) -> LeftOut:
    """Say that a variant is priced with its product, or is not for sale any more.

    Raises:
        RecordError: It cannot be priced, while others of the product can.
    """
    if variant_id not in {one.id for one in source.variants}:
        return _off_sale(source)
    trouble = troubles_of(source, connection).get(variant_id)
    if trouble is not None:
        raise trouble
    return LeftOut("WITH_ITS_PRODUCT", "its price is written with that of its product")


def troubles_of(
    source: PriceSource, connection: Connection
) -> Mapping[int, RecordError]:
    """The variants that cannot be priced while others of the product can."""
    prices, troubles = _priced(source, connection)
    return troubles if prices else {}


def _off_sale(source: PriceSource) -> LeftOut:
    """Say that none of its items is for sale any more.

    Raises:
        RecordError: They are, and no size in Centra carries them any more.
    """
    if not source.lost:
        return _NOT_FOR_SALE
    raise RecordError(
        f"No size in Centra carries item {', '.join(source.lost)} any more, so "
        f"{source.product_number} gets no price for pricelist '{source.pricelist}'; "
        "Centra still sells it at the last one",
        code="PRICE_ENDED",
        fix="Correct its numbers or barcodes in Centra, or take the goods off sale "
        "there; a price is never taken away.",
        record_id=source.product_number,
    )


def _priced(
    source: PriceSource, connection: Connection
) -> tuple[dict[int, Decimal], dict[int, RecordError]]:
    prices: dict[int, Decimal] = {}
    troubles: dict[int, RecordError] = {}
    for variant in source.variants:
        try:
            price = _price_of_variant(source, variant, connection)
        except RecordError as error:
            troubles[variant.id] = error
        else:
            if price is not None:
                prices[variant.id] = price.amount
    return prices, troubles


def _price_of_variant(
    source: PriceSource, variant: PricedVariant, connection: Connection
) -> Money | None:
    """The one price of a variant's items; None where none of them has any.

    Raises:
        RecordError: They differ, one has none, or it had one that has ended and is still
            on sale in Centra.
    """
    rule = connection.prices.pricelists[source.pricelist]
    label = f"{source.product_number}/{variant.number}"
    found = {
        item.number: price_of_item(item, source.currency, rule, connection)
        for item in variant.items
    }
    values = {price for price in found.values() if price is not None}
    without = sorted(number for number, price in found.items() if price is None)
    if not values:
        before = source.sent.get(variant.id)
        if before is None or not variant.is_on_sale:
            return None
        raise RecordError(
            f"{label} has no price for pricelist '{source.pricelist}' any more; Centra "
            f"still has {before:,f} {source.currency}",
            code="PRICE_ENDED",
            fix="Enter the price that holds now in Visma.net, or take the goods off "
            "sale in Centra; a price is never taken away there.",
            record_id=label,
        )
    if without:
        raise RecordError(
            f"{', '.join(without)} of {label} has no price for pricelist "
            f"'{source.pricelist}', and its other sizes have",
            code="PRICE_MISSING",
            fix="Enter the missing prices in Visma.net.",
            record_id=label,
        )
    if len(values) > 1:
        shown = ", ".join(f"{number} {price}" for number, price in found.items())
        raise RecordError(
            f"Sizes of {label} have different prices for pricelist "
            f"'{source.pricelist}', and Centra has one price a variant: {shown}",
            code="SIZE_PRICES_DIFFER",
            fix="Give them one price in Visma.net, or make variants of them in Centra.",
            record_id=label,
        )
    return values.pop()


def stands(wish: PriceWish, source: PriceSource) -> bool | None:
    """Whether Centra shows what is wished; None where what it shows cannot tell.

    A display shows the lowest price of its variants. It proves the price of one, and one
    that all of them were set to; of others it proves only that something is wrong.
    """
    proved: set[int] = set()
    for display in source.shown:
        wanted = {wish.prices.get(variant) for variant in display.variants}
        if None in wanted or not wanted:
            continue
        if display.price != min(one for one in wanted if one is not None):
            return False
        is_one = len(display.variants) == 1 or source.sent.keys() >= {*display.variants}
        if is_one and len(wanted) == 1:
            proved.update(display.variants)
    return True if proved >= wish.prices.keys() else None
