"""Changes of the assortment, each noted: times move, and events are queued for whoever listens."""

from datetime import datetime

from sandbox.centra.goods import (
    Display,
    Product,
    ProductSize,
    ProductVariant,
    SizeChart,
)
from sandbox.centra.places import Pricelist
from sandbox.centra.store import CentraInstance

__all__ = [
    "add_chart",
    "add_product",
    "add_size",
    "add_variant",
    "delete_variant",
    "display_changed",
    "pricelist_changed",
    "product_changed",
    "size_changed",
    "variant_changed",
]


def add_product(instance: CentraInstance, product: Product, at: datetime) -> None:
    """Take in a new product."""
    instance.catalogue.add_product(product)
    product_changed(instance, product, at, "CREATED")


def add_variant(
    instance: CentraInstance, variant: ProductVariant, at: datetime
) -> None:
    """Take in a new variant with the sizes that it has."""
    instance.catalogue.add_variant(variant)
    variant_changed(instance, variant, at, "CREATED")
    for size in variant.product_sizes:
        _note(instance, "ProductSize", "CREATED", size.id, at)


def add_size(instance: CentraInstance, size: ProductSize, at: datetime) -> None:
    """Take in a new size of a variant."""
    instance.catalogue.add_size(size)
    size_changed(instance, size, at, "CREATED")


def add_chart(instance: CentraInstance, chart: SizeChart, at: datetime) -> None:
    """Take in a new size chart; its name may be that of another one."""
    instance.catalogue.add_chart(chart)
    _note(instance, "SizeChart", "CREATED", chart.id, at)


def product_changed(
    instance: CentraInstance, product: Product, at: datetime, change: str = "UPDATED"
) -> None:
    """Note that a product is new, or not what it was."""
    product.updated_at = max(product.updated_at, at.replace(microsecond=0))
    _note(instance, "Product", change, product.id, at)


def variant_changed(
    instance: CentraInstance,
    variant: ProductVariant,
    at: datetime,
    change: str = "UPDATED",
) -> None:
    """Note that a variant is new, or not what it was; its product counts as changed."""
    variant.updated_at = max(variant.updated_at, at.replace(microsecond=0))
    _note(instance, "ProductVariant", change, variant.id, at)
    product_changed(instance, variant.product, at, "DEPENDENT_DATA_CHANGED")


def size_changed(
    instance: CentraInstance, size: ProductSize, at: datetime, change: str = "UPDATED"
) -> None:
    """Note that a size is new, or not what it was; its variant and product count as changed."""
    _note(instance, "ProductSize", change, size.id, at)
    variant_changed(instance, size.variant, at)


def delete_variant(
    instance: CentraInstance, variant: ProductVariant, at: datetime
) -> None:
    """Delete a variant with its sizes."""
    sizes = list(variant.product_sizes)
    instance.catalogue.delete_variant(variant)
    for size in sizes:
        _note(instance, "ProductSize", "DELETED", size.id, at)
    variant_changed(instance, variant, at, "DELETED")


def display_changed(instance: CentraInstance, display: Display, at: datetime) -> None:
    """Note that a display is new, or not what it was."""
    display.updated_at = max(display.updated_at, at.replace(microsecond=0))
    instance.revision += 1
    instance.events.note("Display", "UPDATED", display.id, at=at, store=display.store)


def pricelist_changed(
    instance: CentraInstance, pricelist: Pricelist, at: datetime
) -> None:
    """Note that prices of a pricelist are not what they were."""
    instance.revision += 1
    instance.events.note(
        "Pricelist", "UPDATED", pricelist.id, at=at, store=pricelist.store
    )


def _note(
    instance: CentraInstance, object_type: str, change: str, key: int, at: datetime
) -> None:
    instance.revision += 1
    instance.events.note(object_type, change, key, at=at)
