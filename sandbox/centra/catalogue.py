"""The goods of one instance, found by id, number, SKU or EAN; two of them may share all but the id."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sandbox.centra.goods import (
    Display,
    Named,
    Product,
    ProductSize,
    ProductVariant,
    Size,
    SizeChart,
)
from sandbox.centra.places import Store

__all__ = ["Catalogue"]

_Goods = Product | ProductVariant | ProductSize


class Catalogue:
    """All products, variants, sizes, size charts and displays.

    SKUs are made of three numbers and change with any of them: whoever changes a number or a code
    does it inside `rekeying`.
    """

    def __init__(self) -> None:
        self.products: dict[int, Product] = {}
        self.variants: dict[int, ProductVariant] = {}
        self.product_sizes: dict[int, ProductSize] = {}
        self.size_charts: dict[int, SizeChart] = {}
        self.sizes: dict[int, Size] = {}
        self.displays: dict[int, Display] = {}
        self.brands: dict[int, Named] = {}
        self.collections: dict[int, Named] = {}
        self.folders: dict[int, Named] = {}
        self._keys: dict[str, dict[str, list[ProductSize]]] = {
            "SKU": {},
            "EAN": {},
            "UPC": {},
        }
        self._hidden: dict[_Goods, datetime] = {}
        """What lists do not show yet."""

    # -- adding and taking away --------------------------------------------------------

    def add_chart(self, chart: SizeChart) -> SizeChart:
        """Take in a size chart with its sizes."""
        self.size_charts[chart.id] = chart
        self.sizes.update({size.id: size for size in chart.sizes})
        return chart

    def add_product(self, product: Product) -> Product:
        """Take in a product; its number may be that of another one."""
        self.products[product.id] = product
        return product

    def add_variant(self, variant: ProductVariant) -> ProductVariant:
        """Take in a variant, with the sizes that it has."""
        variant.product.variants.append(variant)
        self.variants[variant.id] = variant
        for size in variant.product_sizes:
            self._take_in(size)
        return variant

    def add_size(self, size: ProductSize) -> ProductSize:
        """Take in a size of a variant that is there."""
        size.variant.product_sizes.append(size)
        self._take_in(size)
        return size

    def add_display(self, display: Display) -> Display:
        """Take in a display."""
        display.product.displays.append(display)
        self.displays[display.id] = display
        return display

    def delete_variant(self, variant: ProductVariant) -> None:
        """Take a variant and its sizes away; what was sold keeps its own copy of the numbers."""
        for size in variant.product_sizes:
            self._forget(size)
            del self.product_sizes[size.id]
        variant.is_deleted = True
        variant.product.variants.remove(variant)
        for display in variant.product.displays:
            if variant in display.product_variants:
                display.product_variants.remove(variant)
        del self.variants[variant.id]

    @contextmanager
    def rekeying(self, sizes: Iterable[ProductSize]) -> Iterator[None]:
        """Let numbers or codes of sizes change inside this block."""
        touched = list(sizes)
        for size in touched:
            self._forget(size)
        try:
            yield
        finally:
            for size in touched:
                self._index(size)

    def _take_in(self, size: ProductSize) -> None:
        self.product_sizes[size.id] = size
        self._index(size)

    def _index(self, size: ProductSize) -> None:
        for kind, key in _keys_of(size):
            self._keys[kind].setdefault(key, []).append(size)

    def _forget(self, size: ProductSize) -> None:
        for kind, key in _keys_of(size):
            self._keys[kind][key].remove(size)

    # -- finding -----------------------------------------------------------------------

    def by_key(self, kind: str, key: str) -> list[ProductSize]:
        """Return all sizes with an SKU, EAN or UPC, the one made first before the others."""
        return sorted(self._keys[kind].get(key, ()), key=lambda size: size.id)

    def size_of_automatic_id(self, external_id: str) -> Size | None:
        """Return the size that has an external id by itself; a later chart takes it over."""
        for size in reversed(self.sizes.values()):
            if size.automatic_external_id == external_id:
                return size
        return None

    def display_in(self, variant: ProductVariant, store: Store) -> Display | None:
        """Return the active display that shows a variant in a store."""
        for display in variant.product.displays:
            is_here = display.store is store and display.status == "ACTIVE"
            if is_here and variant in display.product_variants:
                return display
        return None

    # -- what lists show ---------------------------------------------------------------

    def hide(self, goods: _Goods, until: datetime) -> None:
        """Keep goods out of all lists for a while, as if an index lagged behind."""
        self._hidden[goods] = until

    def hides_any(self, now: datetime) -> bool:
        """Tell whether lists leave something out at present."""
        self._hidden = {goods: at for goods, at in self._hidden.items() if at > now}
        return bool(self._hidden)

    def lags(self, goods: _Goods, now: datetime) -> bool:
        """Tell whether lists do not show goods yet, whatever they belong to."""
        until = self._hidden.get(goods)
        return until is not None and until > now

    def is_shown(self, goods: _Goods, now: datetime) -> bool:
        """Tell whether lists show goods by now, and what they belong to."""
        if self.lags(goods, now):
            return False
        if isinstance(goods, ProductSize):
            return self.is_shown(goods.variant, now)
        return isinstance(goods, Product) or self.is_shown(goods.product, now)


def _keys_of(size: ProductSize) -> list[tuple[str, str]]:
    codes = (("SKU", size.sku), ("EAN", size.ean), ("UPC", size.upc))
    return [(kind, code) for kind, code in codes if code]
