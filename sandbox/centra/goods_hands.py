"""What people in the admin interface do to goods, and what makes them saleable."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.centra.assortment import (
    delete_variant,
    display_changed,
    pricelist_changed,
    product_changed,
    size_changed,
    variant_changed,
)
from sandbox.centra.edits import EditError
from sandbox.centra.goods import Display, Product, ProductSize, ProductVariant
from sandbox.centra.money import whole
from sandbox.centra.store import CentraInstance

__all__ = ["edit_goods"]


class _Goods:
    """What a key means: a size by its SKU, or a whole product by its number."""

    def __init__(self, instance: CentraInstance, key: str) -> None:
        self.instance = instance
        self.key = key
        sizes = instance.catalogue.by_key("SKU", key)
        products = [size.variant.product for size in sizes] or [
            product
            for product in instance.catalogue.products.values()
            if product.product_number == key
        ]
        if not products:
            message = f"there is no SKU and no product number {key!r}"
            raise EditError(message)
        self.product: Product = products[0]
        self._size = sizes[0] if sizes else None

    @property
    def size(self) -> ProductSize:
        if self._size is None:
            message = f"{self.key!r} is a product: say the SKU of one of its sizes"
            raise EditError(message)
        return self._size

    @property
    def variant(self) -> ProductVariant:
        return self.size.variant


def edit_goods(
    instance: CentraInstance, key: str, wish: Mapping[str, Any], now: datetime
) -> Product:
    """Do to goods what `action` says; `key` is an SKU, or a product number for all of a product.

    `rename` {name}, `activate` and `deactivate` {level: product, variant or size}, `change_ean`
    {ean}, `set_price` {pricelist, price, level: product or variant}, `delete_variant`, `show` and
    `hide` {store}.

    Raises:
        EditError: there is no such thing, or no such action.
    """
    goods = _Goods(instance, key)
    action = _ACTIONS.get(str(wish.get("action")))
    if action is None:
        known = ", ".join(_ACTIONS)
        message = f"there is no action {wish.get('action')!r}; known are {known}"
        raise EditError(message)
    action(goods, wish, now)
    return goods.product


def _rename(goods: _Goods, wish: Mapping[str, Any], now: datetime) -> None:
    goods.product.name = str(wish["name"])
    product_changed(goods.instance, goods.product, now)


def _set_activity(
    goods: _Goods, wish: Mapping[str, Any], now: datetime, *, is_active: bool
) -> None:
    level, status = wish.get("level", "product"), "ACTIVE" if is_active else "INACTIVE"
    if level == "product":
        goods.product.status = status
        product_changed(goods.instance, goods.product, now)
    elif level == "variant":
        goods.variant.status = status
        variant_changed(goods.instance, goods.variant, now)
    elif level == "size":
        goods.size.is_active = is_active
        size_changed(goods.instance, goods.size, now)
    else:
        message = f"level is product, variant or size, not {level!r}"
        raise EditError(message)


def _change_ean(goods: _Goods, wish: Mapping[str, Any], now: datetime) -> None:
    ean = wish["ean"]
    with goods.instance.catalogue.rekeying([goods.size]):
        goods.size.ean = None if ean is None else str(ean)
    size_changed(goods.instance, goods.size, now)


def _set_price(goods: _Goods, wish: Mapping[str, Any], now: datetime) -> None:
    instance, name = goods.instance, wish["pricelist"]
    pricelist = next((p for p in instance.pricelists.values() if p.name == name), None)
    if pricelist is None:
        message = f"there is no pricelist {name!r}"
        raise EditError(message)
    price = whole(Decimal(str(wish["price"])) * pricelist.currency.denominator)
    of_variant = goods.variant if wish.get("level") == "variant" else None
    entry = instance.prices.make(pricelist, goods.product, now)
    if of_variant is None:
        entry.price = price
    else:
        entry.by_variant[of_variant.id] = price
    pricelist_changed(instance, pricelist, now)


def _delete(goods: _Goods, _wish: Mapping[str, Any], now: datetime) -> None:
    delete_variant(goods.instance, goods.variant, now)


def _show(goods: _Goods, wish: Mapping[str, Any], now: datetime) -> None:
    """Put a product with all its variants on display in a store."""
    instance, product, at = goods.instance, goods.product, now.replace(microsecond=0)
    display = _display(goods, wish)
    if display is None:
        display = instance.catalogue.add_display(
            Display(
                id=instance.next_id("display"),
                name=product.name,
                store=instance.stores[_store_id(goods, wish)],
                product=product,
                updated_at=at,
                product_variants=[],
            )
        )
    display.product_variants[:] = product.variants
    display.status = "ACTIVE"
    display_changed(instance, display, now)


def _hide(goods: _Goods, wish: Mapping[str, Any], now: datetime) -> None:
    display = _display(goods, wish)
    if display is None:
        message = f"{goods.product.product_number} is on no display of the store"
        raise EditError(message)
    display.status = "INACTIVE"
    display_changed(goods.instance, display, now)


def _display(goods: _Goods, wish: Mapping[str, Any]) -> Display | None:
    store_id = _store_id(goods, wish)
    displays = goods.product.displays
    return next((d for d in displays if d.store.id == store_id), None)


def _store_id(goods: _Goods, wish: Mapping[str, Any]) -> int:
    store_id = int(wish.get("store", 1))
    if store_id not in goods.instance.stores:
        message = f"there is no store {store_id}"
        raise EditError(message)
    return store_id


_ACTIONS: dict[str, Callable[[_Goods, Mapping[str, Any], datetime], None]] = {
    "rename": _rename,
    "activate": lambda g, w, now: _set_activity(g, w, now, is_active=True),
    "deactivate": lambda g, w, now: _set_activity(g, w, now, is_active=False),
    "change_ean": _change_ean,
    "set_price": _set_price,
    "delete_variant": _delete,
    "show": _show,
    "hide": _hide,
}
