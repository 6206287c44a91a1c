"""Goods that left: which order lines they are, and whether a bundle left whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from connectors.centra import models as centra
from connectors.centra.sale_models import Sale
from connectors.errors import RecordError
from connectors.visma.shipment_models import ShipmentLine
from mapping.items import item_number
from settings.posting import OrderRules

__all__ = ["open_quantities", "shipped_lines"]

_BUNDLE = "BundleOrderLine"
_ITEM = "BundleItemOrderLine"


def open_quantities(sale: Sale, *, without: int | None = None) -> dict[int, int]:
    """Units of each order line that are in no shipment; one shipment may be left out."""
    left = {line.id: line.quantity for line in sale.lines}
    for shipment in sale.shipments:
        if shipment.id == without:
            continue
        for part in shipment.lines:
            if part.order_line.id in left:
                left[part.order_line.id] -= part.quantity
    return left


def shipped_lines(
    lines: Sequence[ShipmentLine],
    sale: Sale,
    rules: OrderRules,
    *,
    own: int | None,
    label: str,
) -> dict[int, int]:
    """Return the units of each order line that a shipment of Visma.net carries.

    Lines are found by item; the same item on two lines fills the first that is open.
    `own` is the shipment that Centra has of it already. The parts of a bundle count
    as the bundle, which is what Centra ships.

    Raises:
        RecordError: an item is on no order line, more left than was ordered, a part
            of a unit, or a part of a bundle.
    """
    by_item = _lines_by_item(sale, rules)
    left = open_quantities(sale, without=own)
    ordered = {line.id: line.quantity for line in sale.lines}
    found: dict[int, int] = {}
    for item, quantity in _quantities(lines, rules, label).items():
        wanted = quantity
        for room in (left, ordered):  # what is open first, then what was ordered
            for line in by_item.get(item, ()):
                taken = found.get(line.id, 0)
                more = max(0, min(wanted, room[line.id] - taken))
                if more:
                    found[line.id] = taken + more
                    wanted -= more
        if wanted:
            raise _not_ordered(item, quantity, wanted, sale, label)
    return _whole_bundles(found, sale, label)


def _lines_by_item(
    sale: Sale, rules: OrderRules
) -> Mapping[str, list[centra.OrderLine]]:
    found: dict[str, list[centra.OrderLine]] = {}
    for line in sorted(sale.lines, key=lambda one: one.id):
        try:
            item = item_number(line, rules, str(sale.number))
        except RecordError:
            continue  # it matters only if what left fits no other line
        if line.quantity > 0:
            found.setdefault(item.casefold(), []).append(line)
    return found


def _quantities(
    lines: Iterable[ShipmentLine], rules: OrderRules, label: str
) -> dict[str, int]:
    """Units by item; what is no goods has no place in a shipment of Centra."""
    charges = {rules.shipping_item, rules.handling_item, rules.rounding_item}
    sums: dict[str, Decimal] = {}
    for line in lines:
        item = (line.inventory_number or "").strip()
        if item in charges or not line.shipped_qty:
            continue
        key = item.casefold()
        sums[key] = sums.get(key, Decimal(0)) + line.shipped_qty
    for item, quantity in sums.items():
        if quantity != int(quantity) or quantity < 0:
            message = (
                f"{label} carries {quantity:f} of item {item}; Centra ships whole units"
            )
            raise RecordError(
                message,
                code="SHIPPED_PART_OF_UNIT",
                fix="Correct the quantity (or its unit) in Visma.net, then retry.",
                record_id=str(label),
            )
    return {item: int(quantity) for item, quantity in sums.items()}


def _not_ordered(
    item: str, quantity: int, wanted: int, sale: Sale, label: str
) -> RecordError:
    if wanted == quantity:
        message = (
            f"{label} carries item {item}, which no line of order {sale.number} is"
        )
    else:
        message = (
            f"{label} carries {quantity} of item {item}, {wanted} more than order "
            f"{sale.number} has of it"
        )
    return RecordError(
        message,
        code="SHIPPED_NOT_ORDERED",
        fix="Add the goods to the order in Centra (or map the item in orders.items), "
        "then retry; or correct the shipment in Visma.net.",
        record_id=str(sale.number),
    )


def _whole_bundles(found: dict[int, int], sale: Sale, label: str) -> dict[int, int]:
    """Count the parts of bundles as their bundle."""
    items = [line for line in sale.lines if line.kind == _ITEM]
    if not any(line.id in found for line in items):
        return found
    bundles = {line.id: line for line in sale.lines if line.kind == _BUNDLE}
    owners = {line.id: _owner(line, bundles, sale) for line in items}
    kept = {line: units for line, units in found.items() if line not in owners}
    for bundle in bundles.values():
        parts = [line for line in items if owners[line.id] == bundle.id]
        shares = {
            Decimal(found.get(part.id, 0) * bundle.quantity) / part.quantity
            for part in parts
            if part.quantity
        }
        if shares in ({Decimal(0)}, set()):
            continue
        share = shares.pop()
        if shares or share != int(share):
            message = (
                f"{label} carries only some parts of bundle {bundle.product_number} of "
                f"order {sale.number}; Centra ships bundles whole"
            )
            raise RecordError(
                message,
                code="BUNDLE_SHIPPED_IN_PARTS",
                fix="Make the shipment in Centra by hand, then set this aside.",
                record_id=str(sale.number),
            )
        kept[bundle.id] = kept.get(bundle.id, 0) + int(share)
    return kept


def _owner(
    item: centra.OrderLine, bundles: Mapping[int, centra.OrderLine], sale: Sale
) -> int:
    if item.bundle is not None and item.bundle.id in bundles:
        return item.bundle.id
    if len(bundles) == 1:
        return next(iter(bundles))
    message = (
        f"Order {sale.number} does not show which bundle line {item.id} "
        f"({item.product_number}) belongs to."
    )
    raise RecordError(
        message,
        code="BUNDLE_ITEMS_UNCLEAR",
        fix='Set centra.verified_fields = true, or orders.bundles = "bundle".',
        record_id=str(sale.number),
    )
