"""Checks of stock: warehouses, identity, and what the chosen figure really leaves out.

What is missing there stops one direction and not the others, so it is a warning.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from connectors.centra.client import CentraClient
from connectors.errors import ConfigError
from connectors.visma.availability import Availability
from connectors.visma.client import VismaClient
from mapping.items import item_of_size
from settings.connection import Connection
from settings.stock import Excludes, QuantityKind
from tasks.check_rows import CheckRow, doubtful
from tasks.stock_figures import chosen_quantity
from tasks.stock_places import places_of

__all__ = [
    "Booked",
    "excludes_row",
    "identity_row",
    "shared_warehouse_rows",
    "stock_rows",
]

_OPEN = frozenset({"Open", "BackOrder", "Shipping"})
_MOST_ORDERS = 40
_SHOWN = 5


class Booked(NamedTuple):
    """Units of open sales orders of an item in a warehouse, and those on shipments."""

    ordered: Decimal
    on_shipments: Decimal


async def stock_rows(
    settings: Connection,
    others: Sequence[Connection],
    centra: CentraClient,
    visma: VismaClient,
) -> list[CheckRow]:
    """Check what stock needs, by reading only; nothing where it is off.

    `others` are the other connections of the installation.
    """
    rules = settings.stock
    if not rules.is_on:
        return []
    rows = list(shared_warehouse_rows(settings, others))
    rows += _bundle_rows(settings)
    rows += _elsewhere_rows(settings)
    active = {one.warehouse_id for one in await visma.get_warehouses() if one.active}
    named = {one for ids in rules.warehouses.values() for one in ids}
    rows += [
        doubtful(
            f"warehouse {one}",
            "is not in Visma.net, or not active",
            f"Correct stock.warehouses; known: {', '.join(sorted(active))}.",
        )
        for one in sorted(named - active)
    ]
    rows += await _centra_rows(settings, centra)
    try:
        pages = visma.iter_availability_pages()
        figures = [row async for page in pages for row in page]
        booked = await _booked(visma, named)
    except ConfigError as error:
        fix = "Give the application the SalesOrder service; until then stock fails."
        return [*rows, doubtful("Visma.net's stock", error.message, fix)]
    rows += _unnamed_rows(settings, figures)
    skus = [
        (size.sku, size.ean or "")
        async for page in centra.iter_catalogue_pages()
        for product in page
        for variant in product.variants
        for size in variant.product_sizes
    ]
    rows.append(identity_row(settings, figures, skus))
    rows.append(excludes_row(rules.quantity, rules.excluded_since, figures, booked))
    return rows


def shared_warehouse_rows(
    settings: Connection, others: Sequence[Connection]
) -> Iterator[CheckRow]:
    """A warehouse that two connections sell from would be sold twice."""
    company = settings.visma.tenant_id.strip().lower()
    mine = {one for ids in settings.stock.warehouses.values() for one in ids}
    for other in others:
        if other.visma.tenant_id.strip().lower() != company:
            continue
        theirs = {one for ids in other.stock.warehouses.values() for one in ids}
        for shared in sorted(mine & theirs):
            yield CheckRow(
                what=f"warehouse {shared}",
                state="wrong",
                found=f"is sold by connection '{other.name}', too: each of its units "
                "would be sold twice",
                fix="Name it under [stock.warehouses] of one connection only.",
            )


def _bundle_rows(settings: Connection) -> Iterator[CheckRow]:
    """Centra takes a bundle's contents from stock, whatever is on the sales order."""
    if settings.orders.bundles == "bundle":
        yield doubtful(
            "bundles",
            'orders.bundles = "bundle": sales orders have the bundle, and Centra takes '
            "its contents from stock",
            "Where the bundle is a kit in Visma.net, which takes the contents itself, "
            'set orders.bundles = "items": else what is sent counts twice for 30 days. '
            "Where it is not, book out the contents in Visma.net within that time.",
        )


def _elsewhere_rows(settings: Connection) -> Iterator[CheckRow]:
    """Of orders that another system books nothing is worked out."""
    rules = settings.stock
    if rules.orders_elsewhere and rules.excluded_since != "issues":
        yield doubtful(
            "orders that another system books",
            f"stock.orders_elsewhere, and {rules.quantity} leaves open orders out: Centra "
            "takes them off once more",
            'Set stock.quantity = "onHand": else what is ordered is hidden twice.',
        )


def identity_row(
    settings: Connection,
    figures: Iterable[Availability],
    sizes: Iterable[tuple[str, str]],
) -> CheckRow:
    """How many items with stock have just one size, by orders.item_number."""
    read = {row.item for row in figures}
    items = Counter(
        item for sku, ean in sizes if (item := item_of_size(sku, ean, settings.orders))
    )
    found = {one for one in read if items[one] == 1}
    several = sorted(one for one in read if items[one] > 1)
    told = f"{len(found)} of {len(read)} items are one size in Centra each"
    if several:
        told += f"; {', '.join(several[:_SHOWN])} are several"
    if read and not found:
        return doubtful(
            "items and sizes",
            told,
            "Compare item numbers with Centra's SKUs and EANs, and correct "
            "orders.item_number; centra-visma stock --unknown lists both sides.",
        )
    if several:
        return doubtful(
            "items and sizes", told, "Give each size a SKU or EAN of its own in Centra."
        )
    return CheckRow(what="items and sizes", state="ok", found=told)


def excludes_row(
    kind: QuantityKind,
    setting: Excludes,
    figures: Iterable[Availability],
    booked: dict[tuple[str, str], Booked],
) -> CheckRow:
    """Compare on hand with the chosen figure, and say what it really leaves out.

    Only items that orders wait for tell; those of which all is on shipments tell
    orders from shipments no more, and are passed over.
    """
    votes: Counter[Excludes] = Counter()
    for row in figures:
        waits = booked.get((row.item, row.warehouse))
        if waits is None or not waits.ordered or waits.ordered == waits.on_shipments:
            continue
        figure = chosen_quantity(row, kind)
        if figure is None or row.on_hand is None:
            continue
        missing = row.on_hand - figure
        if missing == waits.ordered:
            votes["orders"] += 1
        elif missing in {0, waits.on_shipments}:
            votes["shipments" if missing else "issues"] += 1
    what = f"what {kind} leaves out"
    if not votes:
        told = (
            f"no item has open orders that tell; the settings say '{setting}': have an "
            "order wait in Visma.net, and check again"
        )
        return CheckRow(what=what, state="ok", found=told)
    fits, count = votes.most_common(1)[0]
    told = f"{count} of {votes.total()} items with open orders say '{fits}'"
    if fits == "issues" and not any(one.on_shipments for one in booked.values()):
        told += " (or 'shipments': none of them is on one)"
        if setting == "shipments":
            return CheckRow(what=what, state="ok", found=told)
    if fits == setting:
        return CheckRow(what=what, state="ok", found=told)
    return doubtful(
        what,
        f"{told}, the settings say '{setting}'",
        f'Set stock.excludes = "{fits}", or orders are taken off twice, or not at all.',
    )


async def _centra_rows(settings: Connection, centra: CentraClient) -> list[CheckRow]:
    """The warehouses of Centra, if the store shows them."""
    rules = settings.stock
    if not centra.graph.verified_fields:
        told = (
            "its warehouses and its stock cannot be read: they go by id, what is in "
            "doubt is set once more, and the nightly comparison knows what was set"
        )
        fix = "Set centra.verified_fields = true once the store has both."
        return [doubtful("Centra's stock", told, fix)]
    there = await centra.get_warehouses()
    try:
        places = places_of(rules, there)
    except ConfigError as error:
        return [doubtful("Centra's warehouses", error.message, "Correct the name.")]
    rows = [
        CheckRow(
            what="Centra's warehouses",
            state="ok",
            found=", ".join(
                f"{name} (id {place})" for place, name in sorted(places.names.items())
            ),
        )
    ]
    rows += [
        doubtful(
            f"warehouse {one.name}",
            f"Centra keeps its stock itself (stock master {one.stock_master})",
            "Set its stock master to external in AMS, so that nobody else sets it.",
        )
        for one in there
        if one.id in places.names and (one.stock_master or "EXTERNAL") != "EXTERNAL"
    ]
    return rows


def _unnamed_rows(
    settings: Connection, figures: Iterable[Availability]
) -> list[CheckRow]:
    rules = settings.stock
    elsewhere: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in figures:
        is_named = rules.centra_name_of(row.warehouse)
        if not is_named and row.warehouse not in rules.ignore_warehouses:
            elsewhere[row.warehouse] += max(row.on_hand or Decimal(0), Decimal(0))
    return [
        doubtful(
            f"warehouse {warehouse}",
            f"has {units.normalize():f} units, and the settings do not name it",
            "Name it in [stock.warehouses], or in stock.ignore_warehouses.",
        )
        for warehouse, units in sorted(elsewhere.items())
        if units
    ]


async def _booked(
    visma: VismaClient, warehouses: set[str]
) -> dict[tuple[str, str], Booked]:
    """What the newest open sales orders have of each item, as far as it tells.

    An item of which an older order waits, too, fits none of the three.
    """
    rows = [
        row
        async for page in visma.iter_sales_order_pages()
        for row in page
        if row.status in _OPEN
    ]
    found: dict[tuple[str, str], Booked] = {}
    for row in rows[-_MOST_ORDERS:]:
        for line in await visma.get_sales_order_lines(row.type, row.order_id):
            item, warehouse = line.inventory.id, line.warehouse_id
            if not item or warehouse not in warehouses:
                continue
            before = found.get((item, warehouse), Booked(Decimal(0), Decimal(0)))
            found[item, warehouse] = Booked(
                before.ordered + line.quantity,
                before.on_shipments + (line.quantity_on_shipments or Decimal(0)),
            )
    return found
