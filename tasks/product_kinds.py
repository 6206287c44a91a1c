"""Kinds of records that the direction `products` is made of, and what each becomes.

A kind brings its mapping, its decision and its writer; the flow puts them side by side,
in the order in which they build on each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from connectors.errors import RecordError
from ledger import Draft, DraftRow, Unit
from mapping.drafts import digest
from mapping.items import skus_named
from mapping.product_sources import StyleSource
from mapping.product_wishes import (
    ChartWish,
    ProductWish,
    SizeWish,
    VariantWish,
)
from mapping.products import wish_of
from mapping.scope import LeftOut
from mapping.version import MAPPING_VERSION
from settings.connection import Connection
from tasks.direction import (
    BulkWriter,
    Decision,
    MapContext,
    Sent,
    WaitingError,
    Writer,
)
from tasks.made_goods import other_owner
from tasks.product_writers import (
    CENTRA_CHART,
    CENTRA_PRODUCT,
    CENTRA_SIZE,
    CENTRA_VARIANT,
    ChartWriter,
    ProductWriter,
    SizeWriter,
    VariantWriter,
)
from tasks.style_sources import has_items

__all__ = ["CHARTS", "SIZES", "STYLES", "VARIANTS", "Kind"]


@dataclass(frozen=True)
class Kind:
    """Records whose source id begins with `prefix` and a colon."""

    prefix: str
    target: str
    """The kind of what it makes, and of its intents."""
    map: Callable[[bytes, Connection, MapContext], Draft | LeftOut]
    decide: Callable[[Unit, Connection, DraftRow], Decision]
    writer: Writer | BulkWriter


def _map(body: bytes, settings: Connection, context: MapContext) -> Draft | LeftOut:
    source = StyleSource.model_validate_json(body)
    wish = wish_of(source, context.source_id, settings)
    if isinstance(wish, LeftOut):
        return wish
    match wish:
        case ChartWish():
            return _draft(CENTRA_CHART, wish, wish.external_id)
        case ProductWish():
            return _draft(CENTRA_PRODUCT, wish, wish.external_id)
        case VariantWish():
            return _draft(CENTRA_VARIANT, wish, wish.external_id)
        case SizeWish():
            return _draft(CENTRA_SIZE, wish, wish.item)


def _draft(
    kind: str, wish: ChartWish | ProductWish | VariantWish | SizeWish, reference: str
) -> Draft:
    changes = wish.model_dump(
        exclude_none=True, include={"name", "status", "size", "ean", "is_active"}
    )
    return Draft(
        kind=kind,
        body=wish.model_dump_json().encode(),
        body_hash=digest(wish),
        reference=reference,
        summary={name: str(value) for name, value in changes.items()},
        mapping_version=MAPPING_VERSION,
    )


def _decide_chart(unit: Unit, settings: Connection, row: DraftRow) -> Decision:
    del settings
    link = unit.links.get("products", row.source_id)
    return Decision() if link else Decision("create")


def _decide_style(unit: Unit, settings: Connection, row: DraftRow) -> Decision:
    wish = ProductWish.model_validate_json(row.draft.body)
    link = unit.links.get("products", row.source_id)
    if wish.id is None:
        if link or unit.catalogue.of_numbers([wish.number]):
            raise WaitingError  # it was made since: the next run reads what is there
        return _create(unit, row)
    moves = _moves(unit, settings, row, CENTRA_PRODUCT, wish.id)
    needed = wish.is_needed or moves
    return _change(row, CENTRA_PRODUCT, wish.id, needed=needed, is_new=not link)


def _decide_variant(unit: Unit, settings: Connection, row: DraftRow) -> Decision:
    wish = VariantWish.model_validate_json(row.draft.body)
    link = unit.links.get("products", row.source_id)
    if wish.id is None:
        if link or _is_there(unit, settings, wish.sizes):
            raise WaitingError
        return _create(unit, row)
    moves = _moves(unit, settings, row, CENTRA_VARIANT, wish.id)
    needed = wish.is_needed or moves
    return _change(row, CENTRA_VARIANT, wish.id, needed=needed, is_new=not link)


def _decide_size(unit: Unit, settings: Connection, row: DraftRow) -> Decision:
    wish = SizeWish.model_validate_json(row.draft.body)
    if wish.id is None:
        if _is_there(unit, settings, [wish]):
            raise WaitingError
        return Decision("create")
    # what is there needs no link of its own: it is found by SKU or EAN each time
    return Decision(f"update:{row.revision}") if wish.is_needed else Decision()


def _is_there(unit: Unit, settings: Connection, sizes: Sequence[SizeWish]) -> bool:
    """Whether Centra has a size by now that carries the SKU or EAN of an item."""
    items = [one.item for one in sizes]
    own = items if settings.products.identity == "sku" else []
    named = [sku for one in items for sku in skus_named(one, settings.orders)]
    eans = [one.ean for one in sizes if one.ean]
    return bool(unit.catalogue.of_skus([*own, *named]) or unit.catalogue.of_eans(eans))


def _create(unit: Unit, row: DraftRow) -> Decision:
    """Make it; anew, where what was made for it once has another code by now."""
    before = unit.intents.of_source("products", row.source_id)
    is_anew = any(one.state == "confirmed" for one in before)
    return Decision(f"create:{row.revision}" if is_anew else "create")


def _change(
    row: DraftRow, kind: str, target: int, *, needed: bool, is_new: bool
) -> Decision:
    if needed:
        return Decision(f"update:{row.revision}")
    if is_new:
        return Decision(adopt=Sent(kind, str(target), {"how": "found"}))
    return Decision()


def _moves(
    unit: Unit, settings: Connection, row: DraftRow, kind: str, target: int
) -> bool:
    """Whether a thing was of a style or colour that no item has any more.

    Raises:
        RecordError: Items still have it: two styles, or two colours, are one thing.
    """
    other = other_owner(unit, kind, target, row.source_id)
    if other is None or not has_items(unit, other.source_id, settings.products):
        return other is not None
    what = kind.removeprefix("centra_")
    raise RecordError(
        f"{row.source_id} and {other.source_id} of Visma.net are the same {what} "
        f"{target} of Centra",
        code="LINKED_ALREADY",
        fix="Correct style and colour of the items in Visma.net: give all of them the "
        "new code, or none.",
        record_id=row.label,
    )


CHARTS = Kind("chart", CENTRA_CHART, _map, _decide_chart, ChartWriter())
STYLES = Kind("style", CENTRA_PRODUCT, _map, _decide_style, ProductWriter())
VARIANTS = Kind("variant", CENTRA_VARIANT, _map, _decide_variant, VariantWriter())
SIZES = Kind("size", CENTRA_SIZE, _map, _decide_size, SizeWriter())
