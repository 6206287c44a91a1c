"""From an item of Visma.net to its style, colour and size: it has no parent of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from connectors.errors import RecordError
from connectors.visma.item_models import Item
from mapping.barcodes import same_ean
from mapping.texts import clean
from settings.products import ProductRules

__all__ = [
    "Parts",
    "barcodes",
    "find_style",
    "is_for_sale",
    "is_in_scope",
    "is_ours",
    "is_withdrawn",
    "parts_of",
    "placed",
]

_FOR_SALE = frozenset({"Active", "NoPurchases", "NoRequest"})
_NOT_FOR_SALE = frozenset({"NoSales", "Inactive", "MarkedForDeletion"})


@dataclass(frozen=True, slots=True)
class Parts:
    """What an item is one of.

    `ends` is where style and colour end in the item number, where a pattern told it;
    None where that is not known.
    """

    style: str
    colour: str
    size: str
    ends: tuple[int, int] | None = None


def barcodes(item: Item) -> tuple[str, ...]:
    """The barcodes of the unit that is sold, each once, in order.

    As Visma.net writes them, without blanks; spellings of one GTIN are one.
    """
    units = {"", item.base_unit, item.sales_unit}
    found = (
        "".join(clean(one.alternate_id).split())
        for one in item.cross_references
        if one.alternate_type == "Barcode" and one.uom in units
    )
    known: dict[str, str] = {}
    for one in found:
        if one:
            known.setdefault(same_ean(one), one)
    return tuple(known.values())


def is_ours(item: Item, rules: ProductRules) -> bool:
    """Whether an item is a good of a class that is carried; else it is never touched."""
    if not item.stock_item or item.kit_item:
        return False
    return not rules.item_classes or item.item_class.id in rules.item_classes


def is_in_scope(item: Item, rules: ProductRules) -> bool:
    """Whether an item is to be in the shop: one of ours that is not is off sale there."""
    return is_ours(item, rules) and all(
        item.attribute(name) == value for name, value in rules.only.items()
    )


def is_withdrawn(item: Item) -> bool:
    """Whether an item is off sale by its own status, whatever else is known of it."""
    return item.status in _NOT_FOR_SALE


def is_for_sale(item: Item, rules: ProductRules) -> bool:
    """Whether an item is to be sold; what is not in the settings' scope is not.

    Raises:
        RecordError: It has a status that the connector does not know.
    """
    if item.status not in _FOR_SALE | _NOT_FOR_SALE:
        raise RecordError(
            f"Item {item.inventory_number} has the unknown status '{item.status}'",
            code="ITEM_STATUS_UNKNOWN",
            fix="Give the item a status in Visma.net that says whether it is for sale.",
            record_id=item.inventory_number,
        )
    return item.status in _FOR_SALE and is_in_scope(item, rules)


def find_style(item: Item, rules: ProductRules) -> str:
    """The style of an item; empty where nothing tells it, or the item is not ours."""
    if not is_ours(item, rules):
        return ""
    match rules.style_from:
        case "attributes":
            return clean(item.attribute(rules.style_attribute or ""))
        case "item_class":
            return clean(item.item_class.id)
        case "pattern":
            found = _match(item, rules)
            return (found["style"] or "").strip() if found else ""
        case None:
            return ""


def parts_of(item: Item, rules: ProductRules) -> Parts:
    """The style, colour and size of an item, as Visma.net writes them.

    Raises:
        RecordError: One of them is missing, or the number does not fit the pattern.
    """
    style = find_style(item, rules)
    if not style:
        raise _not_placed(item, rules)
    found = _match(item, rules) if rules.style_from == "pattern" else None
    groups = (
        {name: text or "" for name, text in found.groupdict().items()} if found else {}
    )
    colour = (
        groups.get("colour", "").strip()
        or clean(item.attribute(rules.colour_attribute or ""))
        or (rules.default_colour or "")
    )
    if not colour:
        raise _missing(item, "colour", code="COLOUR_MISSING")
    size = (
        groups.get("size", "").strip()
        or clean(item.attribute(rules.size_attribute or ""))
        or (rules.default_size or "")
    )
    if not size:
        raise _missing(item, "size", code="SIZE_MISSING")
    return Parts(style, colour, size, _ends(found))


def placed(items: Iterable[Item], rules: ProductRules) -> Iterator[tuple[Item, Parts]]:
    """Items with their parts; those that lack one are passed over."""
    for item in items:
        try:
            yield item, parts_of(item, rules)
        except RecordError:
            continue


def _match(item: Item, rules: ProductRules) -> re.Match[str] | None:
    return re.fullmatch(rules.pattern or "", item.inventory_number)


def _ends(found: re.Match[str] | None) -> tuple[int, int] | None:
    """Where style and colour end, if the number is these three in their order."""
    if found is None or found.start("style") != 0:
        return None
    has = found.groupdict()
    first = found.end("style")
    second = found.end("colour") if has.get("colour") else first
    if second < first or (has.get("size") and found.start("size") < second):
        return None
    return first, second


def _not_placed(item: Item, rules: ProductRules) -> RecordError:
    what = {
        "attributes": f"has no value of attribute {rules.style_attribute}",
        "item_class": "has no item class",
        "pattern": "does not fit products.pattern",
    }.get(rules.style_from or "", "has no style")
    return RecordError(
        f"Item {item.inventory_number} {what}, so nothing tells its style",
        code="ITEM_WITHOUT_STYLE",
        fix="Correct the item in Visma.net, or products.pattern; what is no product of "
        "the shop is kept out by products.item_classes or products.only.",
        record_id=item.inventory_number,
    )


def _missing(item: Item, what: str, *, code: str) -> RecordError:
    return RecordError(
        f"Item {item.inventory_number} has no {what}",
        code=code,
        fix=f"Give it one in Visma.net, or set products.default_{what}.",
        record_id=item.inventory_number,
    )
