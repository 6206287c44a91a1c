"""What is for sale: active, on display in the store, and priced."""

from sandbox.centra.goods import ProductSize
from sandbox.centra.places import Pricelist
from sandbox.centra.store import CentraInstance

__all__ = ["price_of", "why_not_for_sale"]


def why_not_for_sale(
    instance: CentraInstance, size: ProductSize, pricelist: Pricelist
) -> str | None:
    """Return what keeps a size from being bought on a pricelist, or None."""
    variant = size.variant
    reasons = (
        (variant.is_deleted, "it was deleted"),
        (variant.product.status != "ACTIVE", "its product is not active"),
        (variant.status != "ACTIVE", "its variant is not active"),
        (not size.is_active, "its size is not active"),
        (
            instance.catalogue.display_in(variant, pricelist.store) is None,
            f"it is on no display of {pricelist.store.name}",
        ),
        (
            instance.prices.of_variant(pricelist, variant) is None,
            f"it has no price on {pricelist.name}",
        ),
    )
    return next((reason for is_so, reason in reasons if is_so), None)


def price_of(instance: CentraInstance, size: ProductSize, pricelist: Pricelist) -> int:
    """Return what a size costs on a pricelist, in sub-units.

    Raises:
        LookupError: it is not for sale there.
    """
    price = instance.prices.of_variant(pricelist, size.variant)
    reason = why_not_for_sale(instance, size, pricelist)
    if price is None or reason is not None:
        message = f"{size.sku} is not for sale: {reason}"
        raise LookupError(message)
    return price
