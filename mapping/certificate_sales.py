"""What one sale of Centra should be in Visma.net: order, shipments, returns, payments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from connectors.centra.models import PaymentHistoryEntry
from connectors.centra.sale_models import Return, Sale, Shipment
from connectors.errors import RecordError
from mapping.allowances import allowance_to_document
from mapping.certificate import Entry, Pair
from mapping.certificate_accounts import Amounts, Due, due_of
from mapping.certificate_entries import EntryMaker, Thing
from mapping.certificate_facts import Known
from mapping.certificate_ordered import ordered_lines, units_of
from mapping.certificate_side import CentraSide
from mapping.clearing import centra_moves
from mapping.credits import sale_total
from mapping.customer_payments import bookable
from mapping.dates import document_date
from mapping.documents import LineKind
from mapping.money import minor_units
from mapping.movements import Movement, movements
from mapping.order_documents import order_to_document
from mapping.payments import method_named
from mapping.refunds import left_out_of_refunds, refunds_of, returned_on
from mapping.return_documents import return_to_document
from mapping.rounding import ZERO, rounding_for
from mapping.scope import LeftOut, left_out
from mapping.shipment_documents import shipment_to_document
from mapping.sold_days import shipped_on, sold_before, sold_on
from settings.connection import Connection

__all__ = ["take_sale"]


def take_sale(
    side: CentraSide, sale: Sale, returns: Sequence[Return], settings: Connection
) -> None:
    """Take up a sale with its returns, once: a page may show it again."""
    if sale.number not in side.read:
        side.read.add(sale.number)
        side.note(sale, returns, settings)
        side.entries += _Reading(sale, returns, settings, side)


class _Reading:
    """The entries of one sale."""

    def __init__(
        self,
        sale: Sale,
        returns: Sequence[Return],
        settings: Connection,
        side: CentraSide,
    ) -> None:
        self._sale = sale
        self._returns = returns
        self._settings = settings
        self._side = side
        self._make = EntryMaker(sale, settings, side.base_currency)

    def __iter__(self) -> Iterator[Entry]:
        rules = self._settings.store(self._make.store)
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
        thing = Thing("ordered", number, number, "order", on, rate)
        try:
            document = order_to_document(sale, connection=settings)
        except RecordError:
            yield self._make.entry(thing, _total(sale, settings))
            return
        room = sum((document.vat_room(v.rate) for v in document.vat_totals), ZERO)
        due = due_of(sale, document, settings)
        if due.lines:
            self._side.ordered[sale.number] = ordered_lines(sale, due.lines, settings)
        vat = sum(due.vat.values()) if due.vat else None
        whole = Due(vat={} if vat is None else {ZERO: vat}, zone=due.zone)
        yield self._make.entry(
            thing, document.total, document.vat, room=room, due=whole
        )

    def _delivered(self, shipment: Shipment) -> Iterator[Entry]:
        thing = Thing(
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
            yield self._make.entry(thing, shipment.grand_total.value)
            return
        if all(line.kind is LineKind.GIFT_CARD for line in document.lines):
            # nothing waits for a shipment: Visma.net dates its own invoice as the order
            on = document_date(self._sale.order_date, self._settings.zone)
            thing = thing._replace(sold_on=on)
        yield from self._make.by_rate(thing, document)

    def _credited(self, one: Return) -> Iterator[Entry]:
        thing = Thing(
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
            yield self._make.entry(thing, one.grand_total.value)
            return
        yield from self._make.by_rate(thing, document)

    def _allowances(self) -> Iterator[Entry]:
        of_returns = {
            one.id for ret in self._returns for one in ret.refund_payment_history
        }
        for entry in refunds_of(self._sale):
            if entry.id not in of_returns:
                yield from self._allowance(entry)

    def _allowance(self, entry: PaymentHistoryEntry) -> Iterator[Entry]:
        amount = self._make.rounding.amount(abs(entry.value.value))
        thing = Thing(
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
            yield self._make.entry(thing, amount)
            return
        yield from self._make.by_rate(thing, document)

    def _paid(self) -> Iterator[Entry]:
        for one in movements(self._sale, self._settings):
            if not bookable(one, self._sale, self._settings):
                continue
            key = (
                one.source_id if one.source_id.startswith("C") else f"P{one.source_id}"
            )
            thing = Thing(
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
            yield self._make.entry(thing, amount, due=where)

    def _cash_account(self, one: Movement, amount: Decimal) -> Amounts:
        """Where the money of a payment belongs."""
        method = method_named(
            one.method or "", self._settings, number=self._sale.number
        )
        account = method.cash_account_in(self._make.currency)
        return ((account, minor_units(amount, self._make.currency)),) if account else ()


def _total(sale: Sale, settings: Connection) -> Decimal:
    """What was sold; of an order that does not add up, what Centra says it is."""
    rounding = rounding_for(sale.grand_total.currency.code, settings)
    try:
        return sale_total(sale, settings, rounding).total
    except RecordError:
        return sale.grand_total.value
