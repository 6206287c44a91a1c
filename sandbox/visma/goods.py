"""The goods of a company: items, stock with what will move it, prices, stock documents."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from sandbox.visma.company_setup import Setup
from sandbox.visma.goods_records import (
    CrossReference,
    Figures,
    Item,
    Place,
    Planned,
    SalesPrice,
    StockDocument,
    StockKind,
    StockPosition,
)
from sandbox.visma.records import ZERO, SalesOrder, Stamp

__all__ = ["Goods"]

_BOOKED = ("Open", "BackOrder", "Shipping")
_NOTHING = Planned()


class Goods:
    """Items with their stock; every change of one of its figures is noted with its time."""

    def __init__(
        self, setup: Setup, stamp: Callable[[], Stamp], next_id: Callable[[], int]
    ) -> None:
        self.items: dict[str, Item] = {}
        self.prices: dict[int, SalesPrice] = {}
        self.documents: dict[StockKind, dict[str, StockDocument]] = {
            "Adjustment": {},
            "Issue": {},
            "Receipt": {},
        }
        self._setup = setup
        self._stamp = stamp
        self._next_id = next_id
        self._record_id = 0
        self._sources: dict[Hashable, dict[Place, Planned]] = {}
        self._planned: dict[Place, Planned] = {}

    # items

    def find(self, number: str) -> Item | None:
        """Return the item with a number; neither case nor blanks around it count."""
        return self.items.get(number.strip().upper())

    def add_item(  # noqa: PLR0913
        self,
        inventory_id: str,
        description: str,
        stock: bool,  # noqa: FBT001
        base_unit: str = "STK",
        vat_category: str = "STD",
        ean: str | None = None,
        default_price: Decimal | None = None,
        *,
        kind: str | None = None,
        on_hand: Decimal | Mapping[str, Decimal] = Decimal(1000),
        item_class: str | None = None,
        attributes: Mapping[str, str] | None = None,
        status: str = "Active",
        recommended_price: Decimal | None = None,
    ) -> Item:
        """Add an item, or change the one that has this id; prices are in base currency.

        `on_hand` is what lies in the first warehouse, or by warehouse; only of stock items.
        """
        stamp = self._stamp()
        old = self.find(inventory_id)
        usual = "FinishedGoodItem" if stock else "NonStockItem"
        group = item_class or ("GOODS" if stock else "CHARGES")
        first = next(iter(self._setup.warehouses), "MAIN")
        quantities = on_hand if isinstance(on_hand, Mapping) else {first: on_hand}
        quantities = dict(quantities) if stock else {}
        item = Item(
            internal_id=old.internal_id if old else self._next_id(),
            number=inventory_id,
            description=description,
            stock=stock,
            kind=kind or (old.kind if old else usual),
            unit=base_unit,
            vat_category=vat_category,
            item_class=group,
            posting_class=group,
            default_price=default_price,
            recommended_price=recommended_price,
            status=status,
            references=[_barcode(ean)] if ean else [],
            attributes=dict(attributes or {}),
            on_hand=quantities,
            changed=dict.fromkeys(quantities, stamp.at),
            created_at=old.created_at if old else stamp.at,
            modified_at=stamp.at,
            visible_from=stamp.at,
            version=stamp.version,
        )
        self.items[item.key] = item
        return item

    def touch(self, record: Item | SalesPrice | StockDocument) -> None:
        """Note that a record itself has changed; its stock is another matter."""
        stamp = self._stamp()
        record.modified_at, record.version = stamp.at, stamp.version

    # stock

    def move(self, item: Item, warehouse: str, quantity: Decimal) -> None:
        """Let units come (or, below zero, go)."""
        if quantity:
            self.count(item, warehouse, item.on_hand.get(warehouse, ZERO) + quantity)

    def count(self, item: Item, warehouse: str, quantity: Decimal) -> None:
        """Set what is on hand."""
        item.on_hand[warehouse] = quantity
        item.changed[warehouse] = self._stamp().at

    def purchase(self, item: Item, warehouse: str, quantity: Decimal) -> None:
        """Set what is on open purchase orders."""
        item.purchased[warehouse] = quantity
        item.changed[warehouse] = self._stamp().at

    def figures(self, item: Item, warehouse: str) -> Figures:
        """Return the quantities that Visma.net tells of an item in a warehouse.

        What is available leaves out open orders and unreleased issues, and has what is on
        purchase orders where the item class says so. What is available for shipment leaves out
        open orders too, or only what is on shipments: the company's setup decides.
        """
        on_hand = item.on_hand.get(warehouse, ZERO)
        purchased = item.purchased.get(warehouse, ZERO)
        planned = self._planned.get((item.key, warehouse), _NOTHING)
        available = on_hand - planned.booked - planned.issues
        group = self._setup.item_classes.get(item.item_class)
        if group is not None and group.counts_purchases:
            available += purchased
        by_orders = self._setup.stock_excludes == "orders"
        taken = planned.booked if by_orders else planned.allocated
        return Figures(on_hand, available, on_hand - taken - planned.issues, purchased)

    def positions(
        self, item: Item, warehouses: Iterable[str]
    ) -> Iterator[StockPosition]:
        """Return the item's stock in those of the warehouses that ever had to do with it."""
        for warehouse in warehouses:
            changed_at = item.changed.get(warehouse)
            if changed_at is not None:
                yield StockPosition(
                    warehouse,
                    self.figures(item, warehouse),
                    self._planned.get((item.key, warehouse), _NOTHING),
                    changed_at,
                )

    # what will move stock

    def book(self, order: SalesOrder) -> None:
        """Take an order into account as it is now: open, on hold, shipped in part or gone."""
        kind = self._setup.order_types[order.type]
        # What is invoiced without a shipment leaves when the invoice is released.
        is_open = order.status in _BOOKED or (
            kind.behavior == "Invoice" and order.status == "Completed"
        )
        plans: dict[Place, Planned] = {}
        for line in order.lines:
            if not line.warehouse or line.operation != "Issue":
                continue
            if kind.behavior == "Quote":
                continue
            booked = line.quantity - line.shipped
            plan = Planned(
                booked if is_open and not line.completed else ZERO,
                max(ZERO, line.on_shipments - line.shipped),
            )
            place = (line.inventory_id.strip().upper(), line.warehouse)
            plans[place] = plans.get(place, _NOTHING) + plan
        self._plan(order.key, plans)

    def forget(self, order: SalesOrder) -> None:
        """Take an order out of account that was deleted."""
        self._plan(order.key, {})

    def expect(self, document: StockDocument) -> None:
        """Take an unreleased issue or receipt into account; adjustments count once released."""
        plans: dict[Place, Planned] = {}
        if document.status != "Released" and document.kind != "Adjustment":
            for line in document.lines:
                place = (line.inventory_id.strip().upper(), line.warehouse)
                plan = (
                    Planned(issues=line.quantity)
                    if document.kind == "Issue"
                    else Planned(receipts=line.quantity)
                )
                plans[place] = plans.get(place, _NOTHING) + plan
        self._plan((document.kind, document.number), plans)

    def next_document(self, kind: StockKind) -> str:
        """Return the next number of a kind of stock document, six digits."""
        return f"{len(self.documents[kind]) + 1:06d}"

    def _plan(self, source: Hashable, plans: dict[Place, Planned]) -> None:
        before = self._sources.pop(source, {})
        plans = {place: plan for place, plan in plans.items() if plan != _NOTHING}
        if plans:
            self._sources[source] = plans
        if before == plans:
            return
        at = self._stamp().at
        for place in before.keys() | plans.keys():
            old, new = before.get(place, _NOTHING), plans.get(place, _NOTHING)
            if old == new:
                continue
            self._planned[place] = self._planned.get(place, _NOTHING) + new + -old
            number, warehouse = place
            if item := self.items.get(number):
                item.changed[warehouse] = at

    # prices

    def add_price(  # noqa: PLR0913
        self,
        kind: Literal["Base", "Customer", "CustomerPriceClass"],
        item: Item,
        currency: str,
        price: Decimal,
        *,
        code: str | None = None,
        effective_on: date,
        expires_on: date | None = None,
        break_quantity: Decimal = ZERO,
        promotion: bool = False,
        unit: str | None = None,
        vat: str | None = None,
        warehouse: str | None = None,
    ) -> SalesPrice:
        """Add a row to the sales prices."""
        stamp = self._stamp()
        self._record_id += 1
        row = SalesPrice(
            record_id=self._record_id,
            kind=kind,
            code=code,
            inventory_id=item.number,
            unit=unit or item.sales_unit or item.unit,
            currency=currency,
            price=price,
            break_quantity=break_quantity,
            effective_on=effective_on,
            expires_on=expires_on,
            promotion=promotion,
            vat=vat,
            warehouse=warehouse,
            created_at=stamp.at,
            modified_at=stamp.at,
            visible_from=stamp.at,
            version=stamp.version,
        )
        self.prices[row.record_id] = row
        return row


def _barcode(number: str) -> CrossReference:
    return CrossReference(kind="Barcode", number=number)
