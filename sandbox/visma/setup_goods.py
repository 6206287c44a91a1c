"""What an administrator has set up for the goods: item classes, attributes, price classes."""

from typing import Final

from sandbox.visma.goods_records import ItemClass

__all__ = [
    "ATTRIBUTES",
    "ATTRIBUTE_VALUES",
    "ITEM_CLASSES",
    "PRICE_CLASSES",
    "SALES_CATEGORIES",
    "STOCK_REASONS",
    "UNITS",
]

_FASHION: Final = ("STYLE", "COLOUR", "SIZE")
ATTRIBUTES: Final = {
    "CENTRAID": "Centra id",
    "STYLE": "Style number",
    "COLOUR": "Colour",
    "SIZE": "Size",
    "WEBSHOP": "Web shop",
}
ATTRIBUTE_VALUES: Final = {
    "COLOUR": {
        "BLK": "Svart",
        "NAV": "Havsblå",
        "GRN": "Mossgrön",
        "ECR": "Ekru",
        "RED": "Rönnbär",
        "GRY": "Grå",
    },
    "WEBSHOP": {"0": "No", "1": "Yes"},
}
ITEM_CLASSES: Final = {
    one.id: one
    for one in (
        ItemClass(
            id="FASHION",
            description="Clothes, by style, colour and size",
            kind="FinishedGoodItem",
            posting_class="FASHION",
            vat_category="STD",
            attributes=(*_FASHION, "WEBSHOP"),
        ),
        ItemClass(
            id="ACCESSORY",
            description="Accessories, sold ahead of what is ordered from suppliers",
            kind="FinishedGoodItem",
            posting_class="FASHION",
            vat_category="STD",
            attributes=(*_FASHION, "WEBSHOP"),
            counts_purchases=True,
        ),
        ItemClass(
            id="GOODS",
            description="Other goods",
            kind="FinishedGoodItem",
            posting_class="GOODS",
            vat_category="STD",
            attributes=("WEBSHOP",),
        ),
        ItemClass(
            id="CHARGES",
            description="Charges and services",
            kind="NonStockItem",
            posting_class="CHARGES",
            vat_category="STD",
        ),
    )
}
SALES_CATEGORIES: Final = {1: "Women", 2: "Men", 3: "Accessories"}
PRICE_CLASSES: Final = {
    "WEB": "Consumers, VAT included",
    "WHOLESALE": "Retailers, without VAT",
}
UNITS: Final = {"STK": "Piece", "PAR": "Pair", "KRT": "Carton"}
STOCK_REASONS: Final = {
    "ADJUST": "Adjustment",
    "COUNT": "Adjustment",
    "SAMPLE": "Issue",
    "SCRAP": "Issue",
    "DELIVERY": "Receipt",
}
"""Reason codes of stock documents with the kind of document that takes them; the first is usual."""
