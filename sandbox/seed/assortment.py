"""What makes goods saleable: a display in each store, a price on each pricelist."""

from sandbox.centra.goods import Display, Product
from sandbox.centra.places import Pricelist
from sandbox.centra.store import CentraInstance

__all__ = ["put_on_pricelist", "put_up"]


def put_up(instance: CentraInstance, product: Product) -> None:
    """Show a product with all its variants in every store, and price it on every list."""
    for store in instance.stores.values():
        instance.catalogue.add_display(
            Display(
                id=instance.next_id("display"),
                name=product.name,
                store=store,
                product=product,
                updated_at=product.updated_at,
                product_variants=list(product.variants),
            )
        )
    for pricelist in instance.pricelists.values():
        put_on_pricelist(instance, product, pricelist)


def put_on_pricelist(
    instance: CentraInstance, product: Product, pricelist: Pricelist
) -> None:
    """Give a product the price that the seed planned for it, where it planned one."""
    is_retail = pricelist.store.type == "DIRECT_TO_CONSUMER"
    planned = product.prices if is_retail else product.wholesale_prices
    price = planned.get(pricelist.currency.code)
    if price is not None:
        entry = instance.prices.make(pricelist, product, product.updated_at)
        entry.price = price
