"""Guards against a shop that is taken off sale at once: many goods that go must wait.

An attribute that `products.only` names is in no answer any more, or every status is
another one: nothing is missing from the list, and yet nearly all of it would go. It may
go in small steps, as a slow import takes them: those of a day are one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from ledger import IntentRow, Unit
from mapping.product_wishes import style_source
from settings.connection import Connection
from settings.products import ProductRules
from tasks.direction import is_create
from tasks.product_writers import CENTRA_PRODUCT, CENTRA_SIZE, CENTRA_VARIANT
from tasks.vanished import FEW

__all__ = ["guard_off_sale", "why_held"]

_GOODS = {
    CENTRA_PRODUCT: "products",
    CENTRA_VARIANT: "variants",
    CENTRA_SIZE: "sizes",
}
_STYLES = style_source("")
_HOURS = 24


def guard_off_sale(
    unit: Unit, settings: Connection, intents: Sequence[IntentRow]
) -> dict[int, str]:
    """What takes goods off sale, all of it, where it is more than a person need not see.

    What went within the last 24 hours counts with it, unless a person approved it.
    """
    falling = [one for one in intents if _takes_off_sale(one)]
    if not falling:
        return {}
    gone = Counter(_GOODS[one.kind] for one in _gone_lately(unit, falling))
    counted = gone + Counter(_GOODS[one.kind] for one in falling)
    if max(counted.values()) <= FEW:
        return {}
    for_sale = gone + Counter(_for_sale(unit))
    why = why_held(counted, for_sale, settings.products)
    return {} if why is None else {one.intent_id: why for one in falling}


def why_held(
    falling: Mapping[str, int], for_sale: Mapping[str, int], rules: ProductRules
) -> str | None:
    """Say why so many products, variants or sizes may not go off sale unseen, or None.

    Both are numbers by "products", "variants" and "sizes", of a day; `for_sale` has what
    was for sale before, what falls included.
    """
    too_many = [
        f"{count} of {all_of} {what}"
        for what in _GOODS.values()
        if (count := falling.get(what, 0)) > FEW
        and (all_of := max(for_sale.get(what, 0), count))
        and Decimal(count) / all_of > rules.max_off_sale_share
    ]
    if not too_many:
        return None
    return (
        f"{', '.join(too_many)} would be taken off sale within {_HOURS} hours, more than "
        f"products.max_off_sale_share = {rules.max_off_sale_share}"
    )


def _takes_off_sale(intent: IntentRow) -> bool:
    summary = intent.summary
    is_off = summary.get("status") == "INACTIVE" or summary.get("is_active") == "False"
    return intent.kind in _GOODS and is_off and not is_create(intent.operation)


def _gone_lately(unit: Unit, falling: Sequence[IntentRow]) -> list[IntentRow]:
    """What went off sale in the hours before, is so still, and was not looked at."""
    done = unit.intents.confirmed_within("products", _GOODS, timedelta(hours=_HOURS))
    last = {one.source_id: one for one in done}
    now = {one.source_id for one in falling}
    return [
        one
        for one in last.values()
        if _takes_off_sale(one) and not one.approved and one.source_id not in now
    ]


def _for_sale(unit: Unit) -> dict[str, int]:
    """How much of the products that are linked to a style is for sale in Centra."""
    linked = {int(one.target_id) for one in unit.links.starting("products", _STYLES)}
    sizes = unit.catalogue.frame()
    rows = [
        row
        for row in zip(
            sizes["product_id"],
            sizes["variant_id"],
            sizes["product_status"],
            sizes["variant_status"],
            sizes["size_active"],
            strict=True,
        )
        if row[0] in linked
    ]
    return {
        "products": len({one for one, _, status, _, _ in rows if status == "ACTIVE"}),
        "variants": len({one for _, one, _, status, _ in rows if status == "ACTIVE"}),
        "sizes": sum(bool(is_active) for *_, is_active in rows),
    }
