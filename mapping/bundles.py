"""Which lines of an order carry revenue: bundles and their items must not count twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from connectors.centra import models as centra
from connectors.errors import RecordError
from mapping.documents import add_up
from mapping.rounding import ZERO, Rounding, allocate

__all__ = ["Reading", "ValuedLine", "carry_revenue", "read_bundles"]

_BUNDLE = "BundleOrderLine"
_ITEM = "BundleItemOrderLine"


@dataclass(frozen=True, slots=True)
class ValuedLine:
    """An order line with the amounts it was sold for, in whole minor units."""

    line: centra.OrderLine
    net: Decimal
    gross: Decimal
    rate: Decimal
    roundings: int = 1


Reading = Literal["items", "bundles", "both"]


def read_bundles(
    lines: Sequence[centra.OrderLine],
    target: Decimal,
    value_of: Callable[[centra.OrderLine], Decimal],
    *,
    prefer: Literal["items", "bundle"],
    room: Decimal,
    record_id: str,
) -> Reading:
    """Return which lines come to the order's line value: items, bundles, or both.

    How Centra prices a bundle beside its items is not documented, so the sums decide.

    Raises:
        RecordError: no reading of the lines comes to Centra's line value.
    """
    other, bundles, items = (
        sum((value_of(line) for line in group), ZERO)
        for group in (
            [line for line in lines if line.kind not in {_BUNDLE, _ITEM}],
            [line for line in lines if line.kind == _BUNDLE],
            [line for line in lines if line.kind == _ITEM],
        )
    )
    sums: dict[Reading, Decimal] = {
        "items": other + items,
        "bundles": other + bundles,
        "both": other + items + bundles,
    }
    order: tuple[Reading, ...] = ("items", "bundles", "both")
    if prefer == "bundle" or (items == ZERO and bundles):
        order = ("bundles", "items", "both")
    for reading in order:
        if abs(sums[reading] - target) <= room:
            return reading
    counted = [value_of(line) for line in lines if line.kind != _ITEM]
    raise RecordError(
        f"The lines of order {record_id} come to {add_up(counted, '').strip()}, but "
        f"Centra's line value is {target:,f}.",
        code="TOTALS_DO_NOT_ADD_UP",
        fix="Check the order's lines in Centra, correct them and retry the order.",
        record_id=record_id,
    )


def carry_revenue(
    lines: Sequence[ValuedLine],
    *,
    keep: Literal["items", "bundle"],
    rounding: Rounding,
    record_id: str,
) -> tuple[ValuedLine, ...]:
    """Put the revenue where the settings want it: on the items, or on the bundle.

    Lines that carry no revenue come in worth nothing. The sum stays the same to the
    minor unit.

    Raises:
        RecordError: items cannot be tied to their bundle, or differ in VAT rate.
    """
    bundles = [line for line in lines if line.line.kind == _BUNDLE]
    items = [line for line in lines if line.line.kind == _ITEM]
    if not bundles or not items:
        return tuple(lines)
    if keep == "bundle":
        return _on_bundles(lines, bundles, items, record_id)
    return _on_items(lines, bundles, items, rounding, record_id)


def _on_items(
    lines: Sequence[ValuedLine],
    bundles: Sequence[ValuedLine],
    items: Sequence[ValuedLine],
    rounding: Rounding,
    record_id: str,
) -> tuple[ValuedLine, ...]:
    paid = [bundle for bundle in bundles if bundle.net or bundle.gross]
    gone = {bundle.line.id for bundle in bundles}
    own = {item.line.id: item for item in items}
    owners = _owners(bundles, items, record_id) if paid else {}
    for bundle in paid:
        members = [i for i in items if owners[i.line.id] == bundle.line.id]
        if not members:
            gone.discard(bundle.line.id)
        for member in _spread(bundle, members, rounding):
            own[member.line.id] = _merged(own[member.line.id], member, record_id)
    return tuple(
        own.get(line.line.id, line) for line in lines if line.line.id not in gone
    )


def _on_bundles(
    lines: Sequence[ValuedLine],
    bundles: Sequence[ValuedLine],
    items: Sequence[ValuedLine],
    record_id: str,
) -> tuple[ValuedLine, ...]:
    paid = [item for item in items if item.net or item.gross]
    gone = {item.line.id for item in items}
    own = {bundle.line.id: bundle for bundle in bundles}
    owners = _owners(bundles, paid, record_id)
    for item in paid:
        owner = owners[item.line.id]
        own[owner] = _merged(own[owner], item, record_id)
    return tuple(
        own.get(line.line.id, line) for line in lines if line.line.id not in gone
    )


def _merged(base: ValuedLine, part: ValuedLine, record_id: str) -> ValuedLine:
    if not (base.net or base.gross):
        return replace(part, line=base.line)
    if base.rate != part.rate:
        raise RecordError(
            f"Line {base.line.id} of order {record_id} and its bundle have different "
            "VAT rates.",
            code="BUNDLE_RATES_DIFFER",
            fix="Set orders.bundles to the side that Centra prices, and retry it.",
            record_id=record_id,
        )
    return replace(
        base,
        net=base.net + part.net,
        gross=base.gross + part.gross,
        roundings=base.roundings + part.roundings,
    )


def _spread(
    bundle: ValuedLine, members: Sequence[ValuedLine], rounding: Rounding
) -> list[ValuedLine]:
    if not members:
        return []
    weights = [_weight(member.line) for member in members]
    gross = allocate(bundle.gross, weights, rounding.step)
    net = allocate(bundle.net, gross if any(gross) else weights, rounding.step)
    return [
        replace(
            member, net=n, gross=g, rate=bundle.rate, roundings=bundle.roundings + 3
        )
        for member, n, g in zip(members, net, gross, strict=True)
    ]


def _weight(line: centra.OrderLine) -> Decimal:
    """What an item would have cost alone; without a price, its units."""
    original = line.unit_original.value * line.quantity if line.unit_original else ZERO
    return original or line.gross.value or Decimal(line.quantity)


def _owners(
    bundles: Sequence[ValuedLine], items: Sequence[ValuedLine], record_id: str
) -> dict[int, int]:
    """Return the bundle line of each item: by reference, or the only bundle."""
    ids = [bundle.line.id for bundle in bundles]
    owners: dict[int, int] = {}
    for item in items:
        reference = item.line.bundle
        if reference is not None and reference.id in ids:
            owners[item.line.id] = reference.id
        elif reference is None and len(ids) == 1:
            owners[item.line.id] = ids[0]
        else:
            raise RecordError(
                f"Order {record_id} does not show which bundle line {item.line.id} "
                f"({item.line.product_number}) belongs to.",
                code="BUNDLE_ITEMS_UNCLEAR",
                fix='Set centra.verified_fields = true, or orders.bundles = "bundle".',
                record_id=record_id,
            )
    return owners
