"""What was delivered, taken back and paid, read afresh in both systems, sale by sale.

Three pairs, in the currency of the sale: shipments and invoices, returns (and money
given back without one) and credit notes, payment entries and customer payments.
Nothing here looks at links or intents; of the ledger only what is parked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from connectors.centra.models import PaymentHistoryEntry
from connectors.centra.sale_models import Return, Sale, Shipment
from connectors.errors import RecordError
from connectors.visma.ledger_models import InvoiceRow
from mapping.customer_payments import bookable
from mapping.dates import document_date
from mapping.movements import movements
from mapping.references import read_reference
from mapping.refunds import left_out_of_refunds, refunds_of
from mapping.return_documents import return_to_document
from mapping.rounding import ZERO, rounding_for
from mapping.shipment_documents import shipment_to_document
from settings.connection import Connection
from tasks.centra_orders import references_of
from tasks.direction import Ends
from tasks.environment import environment

__all__ = ["MoneyRow", "MoneyTotals", "delivered", "read_money_totals"]

Pair = Literal["delivered", "credited", "paid"]
_UNDONE = "U"
"""Ends the reference of what takes back the credit note of a return."""


class MoneyRow(BaseModel):
    """One pair in one currency: Centra's sum, Visma.net's, and what waits parked."""

    model_config = ConfigDict(frozen=True)

    pair: Pair
    currency: str
    sales: int
    centra: Decimal
    visma: Decimal
    parked: Decimal

    @property
    def difference(self) -> Decimal:
        """What nobody can explain; zero when both sides agree."""
        return self.centra - self.visma - self.parked


class MoneyTotals(BaseModel):
    """The comparison of a connection, and each sale that is not explained."""

    rows: list[MoneyRow]
    unexplained: list[str]

    def as_json(self) -> dict[str, dict[str, dict[str, str]]]:
        """Decimal strings by currency and pair, as `--json` prints them."""
        shown: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
        for row in self.rows:
            shown[row.currency][row.pair] = {
                "centra": str(row.centra),
                "visma": str(row.visma),
                "parked": str(row.parked),
            }
        return dict(shown)


class _Sums:
    """Amounts by pair and order, and which order each thing of Centra belongs to."""

    def __init__(self) -> None:
        self.centra: dict[tuple[Pair, int], Decimal] = defaultdict(lambda: ZERO)
        self.visma: dict[tuple[Pair, int], Decimal] = defaultdict(lambda: ZERO)
        self.currency: dict[int, str] = {}
        self.order_of: dict[tuple[str, int], int] = {}
        self.by_sales_order: dict[str, int] = {}
        self.by_reference: dict[str, int] = {}

    def order_named(self, prefix: str, reference: str | None) -> int | None:
        """The order that a reference of ours leads to."""
        if reference in self.by_reference:
            return self.by_reference[reference]
        named = read_reference(prefix, (reference or "").removesuffix(_UNDONE))
        if named is None:
            return None
        if named.kind in {"order", "credit"}:
            return named.id if named.id in self.currency else None
        return self.order_of.get((named.kind, named.id))


async def read_money_totals(connection: str) -> MoneyTotals:
    """Read shipments, returns and payments of both systems and compare them."""
    env = environment()
    settings, books = env.connection(connection), env.books(connection)
    async with env.centra(settings) as shop, env.visma(settings) as erp:
        ends = Ends(settings, books, shop, erp, env.clock)
        sums = _Sums()
        await _read_centra(ends, sums)
        await _read_visma(ends, sums)
    with books.read() as unit:
        rows = [(row.direction, row.source_id) for row in unit.exceptions.list()]
    parked = {_order_parked(sums, *row) for row in rows} - {None}
    return _compare(sums, parked)


def _order_parked(sums: _Sums, direction: str, source_id: str) -> int | None:
    """The order that a parked record belongs to."""
    digits = "".join(filter(str.isdigit, source_id))
    if not digits:
        return None
    number = int(digits)
    match direction:
        case "fulfilment":
            return sums.order_of.get(("shipment", number))
        case "payments":
            if source_id.startswith("C"):
                return number
            return sums.order_of.get(("payment", number))
        case "refunds":
            kind = "goodwill" if source_id.startswith("G") else "return"
            return sums.order_of.get((kind, number))
        case _:
            return number if number in sums.currency else None


async def _read_centra(ends: Ends, sums: _Sums) -> None:
    returns: dict[int, list[Return]] = defaultdict(list)
    async for page in ends.centra.iter_return_pages():
        for one in page.found:
            returns[one.model.order.number].append(one.model)
    async for sales in ends.centra.iter_sale_pages():
        for found in sales.found:
            sale = found.model
            for reference in references_of(ends.settings, sale.number):
                sums.by_reference[reference] = sale.number
            _note(sums, sale, returns[sale.number])
            if not _is_left_out(sale, ends.settings):
                _add(sums, sale, returns[sale.number], ends.settings)


def _note(sums: _Sums, sale: Sale, returns: list[Return]) -> None:
    """Know where each reference leads, also of what is left out."""
    sums.currency[sale.number] = sale.grand_total.currency.code
    for shipment in sale.shipments:
        sums.order_of["shipment", shipment.id] = sale.number
    for entry in sale.payment_history:
        sums.order_of["payment", entry.id] = sale.number
        sums.order_of["goodwill", entry.id] = sale.number
    for one in returns:
        sums.order_of["return", one.id] = sale.number


def _is_left_out(sale: Sale, settings: Connection) -> bool:
    on = document_date(sale.order_date, settings.zone)
    return left_out_of_refunds(sale, on, settings, known=False) is not None


def _add(sums: _Sums, sale: Sale, returns: list[Return], settings: Connection) -> None:
    number = sale.number
    for shipment in sale.shipments:
        if shipment.is_shipped:
            sums.centra["delivered", number] += delivered(sale, shipment, settings)
    for one in returns:
        if one.is_completed:
            sums.centra["credited", number] += _credited(one, settings)
    for entry in _without_return(sale, returns):
        rounding = rounding_for(sale.grand_total.currency.code, settings)
        sums.centra["credited", number] += rounding.amount(abs(entry.value.value))
    for movement in movements(sale, settings):
        if bookable(movement, sale, settings):
            sign = 1 if movement.way == "in" else -1
            sums.centra["paid", number] += sign * movement.amount


def delivered(sale: Sale, shipment: Shipment, settings: Connection) -> Decimal:
    """What a shipment comes to; of one that does not add up, what Centra says it is."""
    try:
        return shipment_to_document(sale, shipment, connection=settings).total
    except RecordError:
        return shipment.grand_total.value


def _credited(one: Return, settings: Connection) -> Decimal:
    try:
        return return_to_document(one, connection=settings).total
    except RecordError:
        return one.grand_total.value


def _without_return(sale: Sale, returns: list[Return]) -> Iterator[PaymentHistoryEntry]:
    of_returns = {one.id for ret in returns for one in ret.refund_payment_history}
    return (entry for entry in refunds_of(sale) if entry.id not in of_returns)


async def _read_visma(ends: Ends, sums: _Sums) -> None:
    prefix = ends.settings.prefix
    async for orders in ends.visma.iter_sales_order_pages():
        for row in orders:
            number = sums.order_named(prefix, row.customer_order)
            if number is not None:
                sums.by_sales_order[f"{row.type}/{row.order_id}"] = number
    async for invoices in ends.visma.iter_invoice_pages():
        for invoice in invoices:
            _take(sums, "delivered", invoice, prefix)
    async for notes in ends.visma.iter_credit_note_pages():
        for note in notes:
            _take(sums, "credited", note, prefix)
    await _read_payments(ends, sums)


async def _read_payments(ends: Ends, sums: _Sums) -> None:
    prefix = ends.settings.prefix
    async for payments in ends.visma.iter_payment_pages():
        for payment in payments:
            number = sums.order_named(prefix, payment.payment_ref)
            if number is not None and not payment.is_void:
                sign = -1 if payment.type == "Refund" else 1
                sums.visma["paid", number] += sign * payment.payment_amount


def _take(sums: _Sums, pair: Pair, document: InvoiceRow, prefix: str) -> None:
    if document.status == "Voided" or document.amount is None:
        return
    orders = {
        sums.by_sales_order.get(line.sales_order)
        for line in document.lines
        if line.sales_order
    } - {None}
    number = next(iter(orders), None)
    for reference in (document.external_reference, document.customer_ref_number):
        number = number or sums.order_named(prefix, reference)
    if number is None:
        return
    if _is_reversal(pair, document, prefix):
        sums.visma["credited", number] -= document.amount
    else:
        sums.visma[pair, number] += document.amount


def _is_reversal(pair: Pair, document: InvoiceRow, prefix: str) -> bool:
    """Whether an invoice takes back the credit note of a return."""
    reference = document.external_reference or ""
    named = read_reference(prefix, reference.removesuffix(_UNDONE))
    return pair == "delivered" and named is not None and named.kind == "return"


def _compare(sums: _Sums, parked: Collection[int | None]) -> MoneyTotals:
    """Compare sale by sale; what belongs to something parked is not unexplained."""
    rows: dict[tuple[Pair, str], list[tuple[Decimal, Decimal, Decimal]]] = defaultdict(
        list
    )
    unexplained = []
    for pair, number in sorted(sums.centra.keys() | sums.visma.keys()):
        ours, theirs = _of(sums.centra, pair, number), _of(sums.visma, pair, number)
        is_parked = number in parked
        rest = ours - theirs if is_parked else ZERO
        currency = sums.currency[number]
        rows[pair, currency].append((ours, theirs, rest))
        if ours != theirs + rest:
            unexplained.append(
                f"order {number}, {pair}: Centra {ours}, Visma.net {theirs} {currency}"
            )
    return MoneyTotals(
        rows=[
            MoneyRow(
                pair=pair,
                currency=currency,
                sales=len(triples),
                centra=sum((one[0] for one in triples), ZERO),
                visma=sum((one[1] for one in triples), ZERO),
                parked=sum((one[2] for one in triples), ZERO),
            )
            for (pair, currency), triples in sorted(rows.items())
        ],
        unexplained=unexplained,
    )


def _of(
    amounts: Mapping[tuple[Pair, int], Decimal], pair: Pair, number: int
) -> Decimal:
    return amounts.get((pair, number), ZERO)
