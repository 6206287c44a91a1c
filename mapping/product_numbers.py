"""Numbers of product, variant and size that together make a SKU.

Centra has no field for a SKU: it is product number + variant number + size number
(Centra's product guide). Where the item number is the SKU they must come to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from connectors.errors import RecordError
from connectors.visma.item_models import Item
from mapping.item_parts import Parts

__all__ = ["Numbers", "numbers_by_sku", "numbers_of_parts"]

_BETWEEN = r"[-_./ ]*"


@dataclass(frozen=True, slots=True)
class Numbers:
    """The three numbers of a size."""

    product: str
    variant: str
    size: str

    @property
    def sku(self) -> str:
        """What Centra makes of them."""
        return f"{self.product}{self.variant}{self.size}"


def numbers_of_parts(parts: Parts) -> Numbers:
    """The numbers where items are known by their barcodes: the parts themselves."""
    return Numbers(parts.style, parts.colour, parts.size)


def numbers_by_sku(
    item: Item,
    parts: Parts,
    *,
    product: str | None = None,
    variant: str | None = None,
) -> Numbers:
    """The numbers that come to the item number, beside those that Centra has already.

    A pattern tells where each part ends. Else the number must begin with the style, and
    go on with the colour or end with the size; dashes between them go with what follows.

    Raises:
        RecordError: The item number cannot be made of the three.
    """
    number = item.inventory_number
    first, second = parts.ends or (len(parts.style), None)
    if product is None:
        product = number[:first]
        if parts.ends is None and product != parts.style:
            raise _does_not_fit(item, f"begin with the style {parts.style}")
    elif not product or not number.startswith(product):
        raise _does_not_fit(item, f"begin with the product number {product or '-'}")
    rest = number[len(product) :]
    if variant is not None:
        if not rest.startswith(variant):
            raise _does_not_fit(item, f"go on with the variant number {variant}")
        return Numbers(product, variant, rest[len(variant) :])
    if second is not None and second >= len(product):
        return Numbers(product, number[len(product) : second], number[second:])
    return Numbers(product, *_split(item, parts, rest))


def _split(item: Item, parts: Parts, rest: str) -> tuple[str, str]:
    """Cut what follows the product number between colour and size."""
    begins = re.match(_BETWEEN + re.escape(parts.colour), rest, re.IGNORECASE)
    if begins:
        return begins.group(), rest[begins.end() :]
    ends = re.search(_BETWEEN + re.escape(parts.size) + "$", rest, re.IGNORECASE)
    if ends:
        return rest[: ends.start()], ends.group()
    raise _does_not_fit(
        item, f"go on with the colour {parts.colour} or end with the size {parts.size}"
    )


def _does_not_fit(item: Item, what: str) -> RecordError:
    return RecordError(
        f"Item number {item.inventory_number} does not {what}, so no size of Centra can "
        "have it as its SKU",
        code="SKU_DOES_NOT_FIT",
        fix='Correct the item in Visma.net; or set products.identity = "ean", so that '
        "items are known by their barcodes.",
        record_id=item.inventory_number,
    )
