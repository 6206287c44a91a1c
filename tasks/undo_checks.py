"""What can be undone: each document is read afresh, and how it would be, or why not.

A refusal is one sentence; nothing was changed then. What is shown is what is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from connectors.answers import NOT_FOUND
from connectors.errors import RecordError
from connectors.visma.ledger_models import Application, InvoiceRow
from connectors.visma.models import Period
from connectors.visma.payment_models import PaymentRow, PaymentType
from ledger import LinkRow, Unit
from mapping.certificate import PeriodOf
from mapping.dates import Book, PostingDate, document_date, first_day, posting_date
from mapping.opposites import (
    Figured,
    UndoDraft,
    figures_of,
    opposite_adjustment,
    opposite_credit_note,
    opposite_invoice,
)
from mapping.references import (
    opposite_reference,
    read_adjustment_reference,
    read_reference,
)
from mapping.rounding import ZERO
from tasks.commands import command
from tasks.direction import Ends
from tasks.known_adjustments import ADJUSTMENT
from tasks.known_payments import PAYMENT, find_payment
from tasks.sale_documents import CREDIT_NOTE, INVOICE, find_credit_note
from tasks.standing import SALES_ORDER
from tasks.target_index import open_periods
from tasks.undo_conflicts import cannot, refuse_credited, words

__all__ = ["UNDOABLE", "ShownLine", "Undoable", "work_out"]

UNDOABLE = (SALES_ORDER, INVOICE, CREDIT_NOTE, PAYMENT, ADJUSTMENT)
"""The kinds of documents that the connector writes in Visma.net."""


@dataclass(frozen=True)
class ShownLine:
    """A line of what would be written: what it is about, on which account, how much."""

    what: str
    account: str = ""
    vat_category: str = ""
    quantity: Decimal | None = None
    amount: Decimal | None = None


@dataclass(frozen=True)
class Undoable:
    """How a document is undone, and what a person must see before approving it."""

    draft: UndoDraft
    was: Figured | None
    was_on: str
    was_reference: str
    lines: tuple[ShownLine, ...]
    frees: tuple[str, ...] = ()
    """What is open again afterwards, or settled by it."""


async def work_out(link: LinkRow, ends: Ends) -> Undoable:
    """Read the document of a link, and find out how it is undone.

    Raises:
        RecordError: It cannot be.
    """
    work = _Work(link, ends)
    try:
        match link.target_kind:
            case "sales_order":
                return await work.sales_order()
            case "invoice":
                return await work.invoice()
            case "credit_note":
                return await work.credit_note()
            case "payment":
                return await work.payment()
            case _:
                return await work.adjustment()
    except RecordError as error:
        if error.code != NOT_FOUND:
            raise
        message = f"{work.name} is not in Visma.net any more"
        raise cannot(message, "Nothing is left to undo.") from error


class _Work:
    """One document: read, checked, and what undoes it."""

    def __init__(self, link: LinkRow, ends: Ends) -> None:
        self._link = link
        self._ends = ends
        self._visma = ends.visma
        self.name = words(link.target_kind, link.target_id)

    # -- each kind

    async def sales_order(self) -> Undoable:
        order_type, _, number = self._link.target_id.partition("/")
        order = await self._visma.get_sales_order(order_type, number)
        if order.status.cancelled:
            raise self._undone("it is cancelled")
        shipments = await self._visma.get_order_shipments(order_type, number)
        live = [one for one in shipments if one.status != "Cancelled"]
        is_return = self._link.direction == "refunds"
        lines = await self._visma.get_sales_order_lines(order_type, number)
        if live and is_return:
            raise cannot(
                f"goods were received for return order {number} with {live[0].id}",
                "Count them out again and credit in Visma.net by hand.",
            )
        if live or any(line.completed for line in lines):
            how = f"was shipped with shipment {live[0].id}" if live else "is completed"
            raise cannot(
                f"{self.name} {how}",
                "Make a return in Centra: it is credited against the invoice.",
            )
        self._refuse_foreign(order.customer.order)
        if not is_return:
            self._refuse_paid()
        figured = Figured(
            total=order.totals.order_total,
            tax=order.totals.tax_total,
            currency=order.currency_id,
            tax_by_rate={},
        )
        posted = self._today()
        return Undoable(
            draft=UndoDraft(
                how="cancel",
                kind=SALES_ORDER,
                number=self._link.target_id,
                reference=order.customer.order or "",
                on=posted.on,
                period="",
                figures=figured,
            ),
            was=figured,
            was_on=order.date.date().isoformat(),
            was_reference=order.customer.order or "",
            lines=tuple(
                ShownLine(
                    line.inventory.id or line.description or "",
                    vat_category=line.tax_category_id or "",
                    quantity=line.quantity,
                    amount=line.extended_price,
                )
                for line in lines
            ),
        )

    async def invoice(self) -> Undoable:
        row = await self._visma.get_invoice(self._link.target_id)
        self._refuse_foreign(row.external_reference)
        if row.status == "Voided":
            raise self._undone("it is voided")
        if not row.is_released:
            return self._deleted(row)
        self._refuse_credited()
        self._refuse_settled(row, row.applications)
        posted = self._posted()
        reference = opposite_reference(row.external_reference or "")
        note = opposite_credit_note(row, reference, posted, hold=True)
        draft = UndoDraft(
            how="credit_note",
            kind=INVOICE,
            number=row.reference_number,
            reference=reference,
            on=posted.on,
            post_period=posted.post_period,
            period=self._period(posted),
            figures=await self._figures(row),
            credit_note=note,
        )
        return self._of_ledger(draft, row, (f"settles {self.name}",))

    async def credit_note(self) -> Undoable:
        row = await self._visma.get_credit_note(self._link.target_id)
        self._refuse_foreign(row.external_reference)
        if row.status == "Voided":
            raise self._undone("it is voided")
        if not row.is_released:
            return self._deleted(row)
        others = [one for one in row.applications if one.doc_type != "Invoice"]
        self._refuse_settled(row, others)
        posted = self._posted()
        reference = opposite_reference(row.external_reference or "")
        draft = UndoDraft(
            how="invoice",
            kind=CREDIT_NOTE,
            number=row.reference_number,
            reference=reference,
            on=posted.on,
            post_period=posted.post_period,
            period=self._period(posted),
            figures=await self._figures(row),
            invoice=opposite_invoice(row, reference, posted, hold=True),
        )
        applied = sum((one.amount_paid for one in row.applications), ZERO)
        open_ = "stays open against it" if row.balance else "stays settled"
        frees = [f"{self.name} {open_}"]
        if applied:
            named = ", ".join(one.ref_nbr or "?" for one in row.applications)
            frees.append(f"invoice {named} stays {applied:,f} lower")
        return self._of_ledger(draft, row, tuple(frees))

    async def payment(self) -> Undoable:
        row = await self._visma.get_payment(self._link.target_id)
        self._refuse_foreign(row.payment_ref)
        if row.is_void:
            raise self._undone("it is voided")
        if not row.is_released:
            raise cannot(
                f"{self.name} is not in the books ({row.status}), and Visma.net lets "
                "no program delete one",
                "Delete it in Visma.net by hand, and set its record aside.",
            )
        if _is_paid_back(row):
            raise cannot(
                f"{self.name} was paid back by a refund",
                "Undo that refund first.",
            )
        on = self._today()
        if PeriodOf(self._periods()).is_closed(on.on):
            raise cannot(
                f"{self.name} would be voided on {on.on}, and that period is closed",
                "Open the period in Visma.net: a void has no other day.",
            )
        figured = Figured(
            total=row.payment_amount,
            tax=ZERO,
            currency=row.currency or "",
            tax_by_rate={},
        )
        settled = [
            f"{words(one.document_type.lower(), one.ref_nbr)} is open again by "
            f"{one.amount_paid:,f}"
            for one in row.lines
            if one.amount_paid
        ]
        return Undoable(
            draft=UndoDraft(
                how="void",
                kind=PAYMENT,
                number=row.ref_nbr,
                reference=row.payment_ref or "",
                on=on.on,
                period=self._period(on),
                figures=figured,
                payment_type=_type(row),
            ),
            was=figured,
            was_on=row.on.isoformat() if row.on else "",
            was_reference=row.payment_ref or "",
            lines=(
                ShownLine(
                    f"{row.type.lower()} by {row.payment_method_id or '?'}",
                    account=row.cash_account or "",
                    amount=row.payment_amount,
                ),
            ),
            frees=tuple(settled),
        )

    async def adjustment(self) -> Undoable:
        row = await self._visma.get_adjustment(self._link.target_id)
        own = row.external_reference or ""
        if read_adjustment_reference(self._ends.settings.prefix, own) is None:
            raise self._foreign()
        if not row.is_released:
            raise cannot(
                f"{self.name} is not released ({row.status}), and Visma.net lets no "
                "program delete one",
                "Delete it in Visma.net by hand, and set its record aside.",
            )
        posted = self._posted("inventory")
        reference = opposite_reference(own)
        wanted = opposite_adjustment(row, reference, posted)
        return Undoable(
            draft=UndoDraft(
                how="adjustment",
                kind=ADJUSTMENT,
                number=row.reference_number,
                reference=reference,
                on=posted.on,
                post_period=posted.post_period,
                period=self._period(posted),
                adjustment=wanted,
            ),
            was=None,
            was_on=(row.date or "")[:10],
            was_reference=own,
            lines=tuple(
                ShownLine(
                    f"{one.inventory_number} in {one.warehouse_id}",
                    account=one.reason_code or "",
                    quantity=one.quantity,
                )
                for one in wanted.adjustment_lines or ()
            ),
        )

    # -- what invoices and credit notes share

    def _of_ledger(
        self, draft: UndoDraft, row: InvoiceRow, frees: tuple[str, ...]
    ) -> Undoable:
        return Undoable(
            draft=draft,
            was=draft.figures,
            was_on=(row.document_date or "")[:10],
            was_reference=row.external_reference or "",
            lines=tuple(
                ShownLine(
                    line.inventory_number or line.description or "",
                    account=line.account or "",
                    vat_category=line.vat_code or "",
                    quantity=line.quantity,
                    amount=line.amount,
                )
                for line in row.lines
            ),
            frees=frees,
        )

    def _deleted(self, row: InvoiceRow) -> Undoable:
        """A draft is in no book yet: there is nothing to answer, so it goes."""
        draft = UndoDraft(
            how="delete",
            kind=self._link.target_kind,
            number=row.reference_number,
            reference=row.external_reference or "",
            on=self._today().on,
            period="",
            figures=figures_of(row),
        )
        return self._of_ledger(draft, row, (f"{self.name} is a draft: it is deleted",))

    async def _figures(self, row: InvoiceRow) -> Figured:
        """What a document comes to; only lists are sure to show its VAT per rate."""
        if row.tax_details or not row.vat_total:
            return figures_of(row)
        is_invoice = self._link.target_kind == INVOICE
        find = (
            self._visma.find_invoices if is_invoice else self._visma.find_credit_notes
        )
        for one in await find(row.external_reference or ""):
            if one.reference_number == row.reference_number:
                return figures_of(one)
        return figures_of(row)

    # -- refusals

    def _refuse_foreign(self, reference: str | None) -> None:
        if read_reference(self._ends.settings.prefix, reference) is None:
            raise self._foreign()

    def _foreign(self) -> RecordError:
        return cannot(
            f"{self.name} carries no reference of ours: another program made it",
            "Undo it where it was made, or in Visma.net by hand.",
        )

    def _undone(self, how: str) -> RecordError:
        return cannot(
            f"{self.name} is undone already: {how}", "Nothing is left to undo."
        )

    def _refuse_credited(self) -> None:
        """Stop at what came back of it: that would be credited twice."""
        link = self._link
        with self._ends.books.read() as unit:
            record = unit.records.get(link.direction, link.source_id)
            if record is not None:
                refuse_credited(unit, link.target_id, link.source_id, record.label)

    def _refuse_settled(self, row: InvoiceRow, others: Sequence[Application]) -> None:
        """Stop at what settles a document: it would be left hanging in the air."""
        if others:
            self._refuse_settled_by(others[0])
        is_invoice = self._link.target_kind == INVOICE
        if is_invoice and row.balance != row.amount:
            raise cannot(
                f"{self.name} of {row.amount:,f} {row.currency_id} has only "
                f"{row.balance or ZERO:,f} open",
                "Take back in Visma.net what settled the rest, then try again.",
            )

    def _refuse_settled_by(self, other: Application) -> None:
        number, kind = other.ref_nbr or "?", (other.doc_type or "document")
        shown = words(_WORDS.get(kind, kind.lower()), number)
        with self._ends.books.read() as unit:
            own = _reference_of(unit, kind, number)
        if read_reference(self._ends.settings.prefix, own) is not None:
            raise cannot(
                f"{self.name} is settled by {shown} ({own})",
                f"Undo that first: {command(f'undo {number}', self._ends.settings.name)}.",
            )
        raise cannot(
            f"{self.name} is settled by {shown}, which the connector did not make",
            "Take it off in Visma.net by hand, if it is to be; then try again.",
        )

    def _refuse_paid(self) -> None:
        """Stop at money that was booked for an order: it would have nothing to pay."""
        number = self._link.source_id
        with self._ends.books.read() as unit:
            for direction, source in unit.records.named(number):
                paid = unit.links.get(direction, source)
                if direction != "payments" or paid is None:
                    continue
                known = find_payment(unit, paid.target_id)
                if known is None or not known.is_void:
                    raise cannot(
                        f"payment {paid.target_id} of order {number} is booked",
                        f"Undo that first: {command(f'undo {paid.target_id}', unit.connection)}.",
                    )

    # -- days

    def _today(self) -> PostingDate:
        return PostingDate(document_date(self._ends.clock(), self._ends.settings.zone))

    def _posted(self, book: Book = "customers") -> PostingDate:
        """Today, or the first day of the next open period.

        The day goes along: what it is applied to is settled on that day.
        """
        periods = self._periods()
        posted = posting_date(
            self._today().on, periods, closed="shift", record_id=self.name, book=book
        )
        return PostingDate(first_day(posted, periods), posted.post_period)

    def _period(self, posted: PostingDate) -> str:
        return posted.post_period or PeriodOf(self._periods()).name(posted.on)

    def _periods(self) -> tuple[Period, ...]:
        with self._ends.books.read() as unit:
            return open_periods(unit)


_WORDS = {"CreditNote": CREDIT_NOTE, "VoidPayment": "void"}


def _reference_of(unit: Unit, kind: str, number: str) -> str | None:
    """The reference that a document carries, as the index knows it."""
    if kind == "CreditNote":
        note = find_credit_note(unit, number)
        return next(iter(note.references), None) if note else None
    payment = find_payment(unit, number)
    return payment.reference if payment else None


def _is_paid_back(row: PaymentRow) -> bool:
    """Whether something of a payment was taken by a refund: it neither settles nor is open."""
    if row.type == "Refund":
        return False
    settled = sum((one.amount_paid for one in row.lines), ZERO)
    reserved = sum((one.applied_to_order for one in row.orders), ZERO)
    return row.available_balance + settled + reserved < row.payment_amount


def _type(row: PaymentRow) -> PaymentType:
    match row.type:
        case "Payment" | "Prepayment" | "Refund":
            return row.type
        case _:
            name = words(PAYMENT, row.ref_nbr)
            raise cannot(
                f"{name} is a {row.type}",
                "Undo it in Visma.net by hand, if it must be.",
            )
