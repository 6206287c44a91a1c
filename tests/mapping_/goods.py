"""Items, products and settings for tests of the product mapping."""

from __future__ import annotations

from typing import Any

from connectors.visma.item_models import Item
from mapping.product_sources import SeenProduct, SeenSize, SeenVariant, StyleSource
from settings.connection import Connection
from settings.products import ProductRules
from tests.mapping_.builders import a_connection

__all__ = ["an_item", "rules", "seen", "settings", "source"]


def rules(**changes: Any) -> ProductRules:
    """Styles by attributes S, C and Z, with one chart."""
    known: dict[str, Any] = {
        "style_from": "attributes",
        "style_attribute": "S",
        "colour_attribute": "C",
        "size_attribute": "Z",
        "size_charts": {"Letters": ["S", "M", "L"]},
    }
    return ProductRules.model_validate({**known, **changes})


def settings(**changes: Any) -> Connection:
    """A connection with these rules of products."""
    return a_connection().model_copy(update={"products": rules(**changes)})


def an_item(
    number: str = "TS7BLKS",
    style: str = "TS7",
    colour: str = "BLK",
    size: str = "S",
    *,
    eans: tuple[str, ...] = (),
    **fields: Any,
) -> Item:
    """An item for sale with its attributes and barcodes."""
    known: dict[str, Any] = {
        "inventoryNumber": number,
        "inventoryId": 1,
        "status": "Active",
        "stockItem": True,
        "description": f"Tee {colour} {size}",
        "baseUnit": "STK",
        "attributes": [
            {"id": name, "value": value}
            for name, value in (("S", style), ("C", colour), ("Z", size))
        ],
        "crossReferences": [
            {"alternateType": "Barcode", "alternateID": ean, "uom": "STK"}
            for ean in eans
        ],
    }
    return Item.model_validate({**known, **fields})


def source(*items: Item, **known: Any) -> StyleSource:
    """What is known of style TS7."""
    return StyleSource(style="TS7", items=items, **known)


def seen(*sizes: SeenSize, **product: Any) -> SeenProduct:
    """Product 1 of Centra with variant 2, BLK, that has these sizes."""
    variant = SeenVariant(
        id=2, number="BLK", name="BLK", status="ACTIVE", chart_id=3, sizes=sizes
    )
    known = {"number": "TS7", "name": "Tee", "status": "ACTIVE"}
    return SeenProduct(id=1, variants=(variant,), **{**known, **product})
