"""What goods cost by pricelist: a price for a product, and others for single variants of it."""

from dataclasses import dataclass, field
from datetime import datetime

from sandbox.centra.goods import Display, Product, ProductVariant
from sandbox.centra.money import Amount, Frame
from sandbox.centra.places import Pricelist

__all__ = ["Price", "Prices", "ProductPrice"]


@dataclass(slots=True)
class ProductPrice:
    """What a product costs on one pricelist, in sub-units of its currency."""

    set_at: datetime
    price: int | None = None
    recommended: int | None = None
    by_variant: dict[int, int] = field(default_factory=dict)
    """Prices of single variants, by their id."""


@dataclass(slots=True, eq=False)
class Price:
    """A price as a display shows it."""

    pricelist: Pricelist
    price: Amount
    recommended_retail_price: Amount | None


class Prices:
    """All prices of an instance."""

    def __init__(self) -> None:
        self._by_product: dict[int, dict[int, ProductPrice]] = {}

    def on(self, pricelist: Pricelist, product: Product) -> ProductPrice | None:
        """Return what a product costs on a pricelist."""
        return self._by_product.get(product.id, {}).get(pricelist.id)

    def make(
        self, pricelist: Pricelist, product: Product, at: datetime
    ) -> ProductPrice:
        """Return the entry of a product on a pricelist to write into, new if need be."""
        entries = self._by_product.setdefault(product.id, {})
        entry = entries.setdefault(pricelist.id, ProductPrice(at))
        entry.set_at = at
        return entry

    def of_variant(self, pricelist: Pricelist, variant: ProductVariant) -> int | None:
        """Return what a variant costs: its own price, else that of its product."""
        entry = self.on(pricelist, variant.product)
        if entry is None:
            return None
        return entry.by_variant.get(variant.id, entry.price)

    def of_display(self, pricelist: Pricelist, display: Display) -> Price | None:
        """Return the price that a display shows: the lowest of its variants."""
        entry = self.on(pricelist, display.product)
        if entry is None:
            return None
        all_of_them = [
            self.of_variant(pricelist, variant) for variant in display.product_variants
        ] or [entry.price]
        known = [price for price in all_of_them if price is not None]
        if not known:
            return None
        currency = pricelist.currency
        frame = Frame(currency, currency.current_base_rate, entry.set_at)
        recommended = entry.recommended
        return Price(
            pricelist,
            Amount(min(known), frame),
            None if recommended is None else Amount(recommended, frame),
        )
