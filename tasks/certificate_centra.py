"""Centra's side of the certificate: sales, shipments, returns and payments, read afresh."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from connectors.centra.models import PaymentHistoryEntry
from connectors.centra.sale_models import Return, Sale, Shipment
from connectors.centra.sales import ReturnPage, SalePage
from connectors.errors import RecordError
from mapping.allowances import allowance_to_document
from mapping.certificate import Entry, Known, Pair, Units
from mapping.certificate_accounts import Amounts, Due, due_of
from mapping.certificate_ordered import OrderedLine, ordered_lines, units_of
from mapping.clearing import Move, centra_moves
from mapping.credits import sale_total
from mapping.customer_payments import bookable, is_gift_card, is_paid_by_invoice
from mapping.customers import customer_need
from mapping.dates import document_date
from mapping.documents import Document, LineKind
from mapping.identity import CustomerNeed
from mapping.money import minor_units
from mapping.movements import Movement, movements
from mapping.order_documents import order_to_document
from mapping.payments import method_named
from mapping.refunds import left_out_of_refunds, refunds_of, returned_on
from mapping.return_documents import return_to_document
from mapping.rounding import ZERO, Rounding, round_to, rounding_for
from mapping.scope import LeftOut, left_out
from mapping.shipment_documents import shipment_to_document
from mapping.sold_days import shipped_on, sold_before, sold_on
from mapping.vat import find_vat_rule, sale_of, ship_to_country
from settings.connection import Connection
from tasks.direction import Ends
from tasks.refund_sources import returns_of_orders

__all__ = ["CentraSide", "read_centra", "read_more"]

_AT_ONCE = 50
_RETURNS_BEFORE = timedelta(days=200)
"""Returns can only be listed by the day on which they were made."""
_OWN_CATEGORY = {LineKind.GIFT_CARD, LineKind.VOUCHER, LineKind.ROUNDING}


@dataclass
class CentraSide:
    """Entries, and what is needed to find the other side's: whose each thing is."""

    base_currency: str | None = None
    """What Centra's own exchange rates are to."""
    entries: list[Entry] = field(default_factory=list)
    read: set[int] = field(default_factory=set)
    """The orders that were read."""
    order_of: dict[str, int] = field(default_factory=dict)
    """The order by key: `S12`, `R5`, `P7`, `G7`."""
    by_provider: set[int] = field(default_factory=set)
    """Orders whose money passes a payment provider."""
    by_invoice: set[int] = field(default_factory=set)
    """Those whose invoices the customer pays."""
    whole: dict[int, list[Entry]] = field(default_factory=dict)
    """Orders of which each shipment becomes an invoice, as they would be as a whole."""
    ordered: dict[int, tuple[OrderedLine, ...]] = field(default_factory=dict)
    """The lines of sales orders, by order."""
    left_out: dict[tuple[Pair, str], Known] = field(default_factory=dict)
    of_returns: dict[tuple[Pair, str], Known] = field(default_factory=dict)
    """Refunds that are credited with their return, by the key of an allowance."""
    moved: list[Move] = field(default_factory=list)
    """Money that came onto clearing accounts, or left them, by payment entry."""

    def take_whole(self, orders: Collection[int]) -> None:
        """Take orders as a whole: one invoice each stands for all of their shipments."""
        taken = {number for number in orders if number in self.whole}
        self.entries = [
            one
            for one in self.entries
            if one.pair != "delivered" or taken.isdisjoint(one.orders)
        ]
        for number in sorted(taken):
            self.entries += self.whole.pop(number)


async def read_centra(ends: Ends, since: date | None) -> CentraSide:
    """Read what happened since a day, or ever, and what else belongs to those sales."""
    currencies = await ends.centra.get_currencies()
    side = CentraSide(next((one.code for one in currencies if one.is_base), None))
    start = None if since is None else _midnight(since, ends.settings)
    created_from = None if start is None else start - _RETURNS_BEFORE
    returns = await _by_order(ends.centra.iter_return_pages(created_from=created_from))
    sales = ends.centra.iter_sale_pages(updated_from=start)
    await _read_sales(side, sales, returns, ends.settings)
    for own in list(returns.values()):  # a return does not touch its sale
        _read(side, own[0].order, returns, ends.settings)
    return side


async def read_more(ends: Ends, side: CentraSide, orders: Collection[int]) -> None:
    """Read orders, too, of which something was booked lately; their payments are of then."""
    wanted = sorted(set(orders) - side.read)
    entries, moved = side.entries, side.moved
    side.entries, side.moved = [], []
    for start in range(0, len(wanted), _AT_ONCE):
        numbers = wanted[start : start + _AT_ONCE]
        with ends.books.read() as unit:
            ids = returns_of_orders(unit, numbers)
        pages = ends.centra.iter_return_pages(ids=ids) if ids else None
        returns = {} if pages is None else await _by_order(pages)
        sales = ends.centra.iter_sale_pages(numbers=numbers)
        await _read_sales(side, sales, returns, ends.settings)
    side.entries = [
        *entries,
        *(one for one in side.entries if one.pair != "paid"),
    ]
    side.moved = moved


async def _by_order(
    pages: AsyncIterator[ReturnPage],
) -> dict[int, list[Return]]:
    """Returns by the number of their order."""
    returns: dict[int, list[Return]] = defaultdict(list)
    async for page in pages:
        for one in page.found:
            returns[one.model.order.number].append(one.model)
    return returns


async def _read_sales(
    side: CentraSide,
    pages: AsyncIterator[SalePage],
    returns: Mapping[int, list[Return]],
    settings: Connection,
) -> None:
    async for page in pages:
        for found in page.found:
            _read(side, found.model, returns, settings)


def _read(
    side: CentraSide,
    sale: Sale,
    returns: Mapping[int, list[Return]],
    settings: Connection,
) -> None:
    """Take up a sale with its returns, once: a page may show it again."""
    if sale.number not in side.read:
        side.read.add(sale.number)
        own = returns.get(sale.number, [])
        _note(side, sale, own, settings)
        side.entries += _Reading(sale, own, settings, side)


def _midnight(day: date, settings: Connection) -> datetime:
    return datetime.combine(day, time(), tzinfo=settings.zone)


def _note(
    side: CentraSide, sale: Sale, returns: list[Return], settings: Connection
) -> None:
    side.order_of |= {f"S{one.id}": sale.number for one in sale.shipments}
    for entry in sale.payment_history:
        side.order_of |= {f"{one}{entry.id}": sale.number for one in ("P", "G")}
    side.order_of |= {f"R{one.id}": sale.number for one in returns}
    for own in returns:
        what = (
            f"it is credited twice: its refund belongs to return {own.id}, whose credit "
            "note takes it back already; undo this one: centra-visma undo"
        )
        side.of_returns |= {
            ("credited", f"G{one.id}"): Known(what, own.created_at.date())
            for one in own.refund_payment_history
        }
    paid = side.by_provider if _is_provided(sale, settings) else side.by_invoice
    paid.add(sale.number)


def _is_provided(sale: Sale, settings: Connection) -> bool:
    """Whether its money passes a provider: a consumer's does, but for who pays by invoice."""
    if sale.kind == "DirectToConsumerOrder":
        return not is_paid_by_invoice(sale, settings)
    try:
        return any(
            bookable(one, sale, settings) and not is_gift_card(one.method)
            for one in movements(sale, settings)
        )
    except RecordError:
        return False


class _Thing(NamedTuple):
    """What an entry is of, whatever its amounts."""

    pair: Pair
    key: str
    label: str
    kind: str
    on: date
    base_rate: Decimal
    """Units of the store's base currency for one of the sale's."""
    sold_as: str = ""
    sold_on: date | None = None
    units: Units = ()


class _Reading:
    """The entries of one sale."""

    def __init__(
        self, sale: Sale, returns: list[Return], settings: Connection, side: CentraSide
    ) -> None:
        self._sale = sale
        self._returns = returns
        self._settings = settings
        self._side = side
        self._currency = sale.grand_total.currency.code
        self._store = (sale.store.name or "") if sale.store else ""
        self._country = _country(sale)
        self._need = _need(sale, settings)

    def __iter__(self) -> Iterator[Entry]:
        rules = self._settings.store(self._store)
        on = document_date(self._sale.order_date, self._settings.zone)
        if rules is not None and rules.post_as == "invoice":
            left_on = max(map(self._left_on, self._left), default=None)
            self._side.whole[self._sale.number] = [
                replace(one, sold_on=left_on) for one in self._ordered(on)
            ]
        elif rules is not None:
            yield from self._ordered(on)
        rule = left_out_of_refunds(self._sale, on, self._settings, known=False)
        if rule is not None:
            self._leave_out(rule, "delivered", "credited", "paid")
            return
        for shipment in self._left:
            yield from self._delivered(shipment)
        for one in self._returns:
            if one.is_completed:
                yield from self._credited(one)
        yield from self._allowances()
        yield from self._paid()

    @property
    def _left(self) -> list[Shipment]:
        return [one for one in self._sale.shipments if one.is_shipped]

    def _left_on(self, shipment: Shipment) -> date:
        return shipped_on(shipment, self._settings)

    def _leave_out(self, rule: LeftOut, *pairs: Pair) -> None:
        on = document_date(self._sale.order_date, self._settings.zone)
        known = Known(f"left out: {rule.reason}", on)
        for pair in pairs:
            self._side.left_out[pair, str(self._sale.number)] = known

    # -- pairs

    def _ordered(self, on: date) -> Iterator[Entry]:
        sale, settings = self._sale, self._settings
        rule = left_out(sale, settings)
        if rule is not None:
            self._leave_out(rule, "ordered")
            return
        number = str(sale.number)
        rate = sale.currency_base_rate
        thing = _Thing("ordered", number, number, "order", on, rate)
        try:
            document = order_to_document(sale, connection=settings)
        except RecordError:
            yield self._entry(thing, _total(sale, settings))
            return
        room = sum((document.vat_room(v.rate) for v in document.vat_totals), ZERO)
        due = due_of(sale, document, settings)
        if due.lines:
            self._side.ordered[sale.number] = ordered_lines(sale, due.lines, settings)
        vat = sum(due.vat.values()) if due.vat else None
        whole = Due(vat={} if vat is None else {ZERO: vat}, zone=due.zone)
        yield self._entry(thing, document.total, document.vat, room=room, due=whole)

    def _delivered(self, shipment: Shipment) -> Iterator[Entry]:
        thing = _Thing(
            "delivered",
            f"S{shipment.id}",
            shipment.number,
            "shipment",
            self._left_on(shipment),
            shipment.currency_base_rate,
            units=units_of(self._sale, shipment),
        )
        try:
            document = shipment_to_document(
                self._sale, shipment, connection=self._settings
            )
        except RecordError:
            yield self._entry(thing, shipment.grand_total.value)
            return
        if all(line.kind is LineKind.GIFT_CARD for line in document.lines):
            # nothing waits for a shipment: Visma.net dates its own invoice as the order
            on = document_date(self._sale.order_date, self._settings.zone)
            thing = thing._replace(sold_on=on)
        yield from self._by_rate(thing, document)

    def _credited(self, one: Return) -> Iterator[Entry]:
        thing = _Thing(
            "credited",
            f"R{one.id}",
            f"{self._sale.number}-R{one.id}",
            "return",
            returned_on(one, self._settings),
            one.currency_base_rate,
            f"S{one.shipment.id}",
            sold_on(self._sale, one.shipment.id, self._settings),
        )
        try:
            document = return_to_document(one, connection=self._settings)
        except RecordError:
            yield self._entry(thing, one.grand_total.value)
            return
        yield from self._by_rate(thing, document)

    def _allowances(self) -> Iterator[Entry]:
        of_returns = {
            one.id for ret in self._returns for one in ret.refund_payment_history
        }
        for entry in refunds_of(self._sale):
            if entry.id not in of_returns:
                yield from self._allowance(entry)

    def _allowance(self, entry: PaymentHistoryEntry) -> Iterator[Entry]:
        amount = self._rounding.amount(abs(entry.value.value))
        thing = _Thing(
            "credited",
            f"G{entry.id}",
            f"{self._sale.number}-G{entry.id}",
            "allowance",
            document_date(entry.created_at, self._settings.zone),
            self._sale.currency_base_rate,
            sold_on=sold_before(self._sale, entry.created_at, self._settings),
        )
        try:
            document = allowance_to_document(
                self._sale, amount, entry_id=entry.id, connection=self._settings
            )
        except RecordError:
            yield self._entry(thing, amount)
            return
        yield from self._by_rate(thing, document)

    def _paid(self) -> Iterator[Entry]:
        for one in movements(self._sale, self._settings):
            if not bookable(one, self._sale, self._settings):
                continue
            key = (
                one.source_id if one.source_id.startswith("C") else f"P{one.source_id}"
            )
            thing = _Thing(
                "paid",
                key,
                f"{self._sale.number}-{key}",
                "payment" if one.way == "in" else "refund",
                document_date(one.at, self._settings.zone),
                self._sale.currency_base_rate,
            )
            amount = one.amount if one.way == "in" else -one.amount
            self._side.moved += centra_moves(
                one, self._sale, self._settings, day=thing.on, label=thing.label
            )
            where = Due(accounts=self._cash_account(one, amount))
            yield self._entry(thing, amount, due=where)

    def _cash_account(self, one: Movement, amount: Decimal) -> Amounts:
        """Where the money of a payment belongs."""
        method = method_named(
            one.method or "", self._settings, number=self._sale.number
        )
        account = method.cash_account_in(self._currency)
        return ((account, minor_units(amount, self._currency)),) if account else ()

    # -- entries

    def _by_rate(self, thing: _Thing, document: Document) -> Iterator[Entry]:
        due = due_of(self._sale, document, self._settings)
        for vat in document.vat_totals:
            yield self._entry(
                thing,
                vat.gross,
                vat.vat,
                rate=vat.rate,
                category=self._category(document, vat.rate),
                room=document.vat_room(vat.rate) + document.rounding.half,
                due=due,
            )
            due = replace(due, accounts=(), categories=())
            thing = thing._replace(units=())

    def _entry(
        self,
        thing: _Thing,
        gross: Decimal,
        vat: Decimal = ZERO,
        *,
        rate: Decimal | None = None,
        category: str = "",
        room: Decimal = ZERO,
        due: Due | None = None,
    ) -> Entry:
        due = due or Due()
        return Entry(
            side="centra",
            pair=thing.pair,
            orders=(self._sale.number,),
            key=thing.key,
            number=thing.label,
            kind=thing.kind,
            day=thing.on,
            currency=self._currency,
            gross=minor_units(gross, self._currency),
            vat=minor_units(vat, self._currency),
            rate=rate,
            category=category,
            store=self._store,
            country=self._country,
            base=self._base(thing, gross),
            room=_units(room, self._rounding),
            sold_as=thing.sold_as,
            sold_on=thing.sold_on,
            due_vat=due.vat.get(ZERO if rate is None else rate),
            accounts=due.accounts,
            categories=due.categories,
            zone=due.zone,
            units=thing.units,
            customer=self._need.number or "",
            buyer=self._need.key,
        )

    def _base(self, thing: _Thing, gross: Decimal) -> int | None:
        """What Centra says it is in the company's currency, if that is Centra's base."""
        base = self._settings.base_currency
        if self._currency == base:
            return minor_units(gross, base)
        if self._side.base_currency != base:
            return None
        return minor_units(gross * thing.base_rate, base)

    @property
    def _rounding(self) -> Rounding:
        return rounding_for(self._currency, self._settings)

    def _category(self, document: Document, rate: Decimal) -> str:
        """The VAT category that the settings give a rate; none where lines have their own."""
        lines = document.at_rate(rate)
        if any(line.kind in _OWN_CATEGORY for line in lines):
            return ""
        goods = [line for line in lines if line.kind is not LineKind.DISCOUNT]
        groups = {line.group for line in goods} or {None}
        vat = self._settings.vat
        try:
            sale = sale_of(self._sale)
            names = {find_vat_rule(sale, rate, vat, group=g).category for g in groups}
        except RecordError:
            return ""
        return names.pop() if len(names) == 1 else ""


def _units(room: Decimal, rounding: Rounding) -> int:
    return int(round_to(room / rounding.step, Decimal(1), "half_up"))


def _country(sale: Sale) -> str:
    try:
        return ship_to_country(sale).code or ""
    except RecordError:
        return ""


def _need(sale: Sale, settings: Connection) -> CustomerNeed:
    """The customer that the settings book a sale on: one for many, or one of its own."""
    try:
        return customer_need(sale, settings)
    except RecordError:
        return CustomerNeed()


def _total(sale: Sale, settings: Connection) -> Decimal:
    """What was sold; of an order that does not add up, what Centra says it is."""
    rounding = rounding_for(sale.grand_total.currency.code, settings)
    try:
        return sale_total(sale, settings, rounding).total
    except RecordError:
        return sale.grand_total.value
