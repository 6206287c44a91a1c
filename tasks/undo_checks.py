"""What can be undone: each document is read afresh, and how it would be, or why not.

A refusal is one sentence; nothing was changed then. What is shown is what is sent.
"""

from __future__ import annotations

from connectors.answers import NOT_FOUND
from connectors.errors import RecordError
from connectors.visma.payment_models import PaymentRow, PaymentType
from ledger import LinkRow
from mapping.certificate_facts import PeriodOf
from mapping.opposites import Figured, UndoDraft, opposite_adjustment
from mapping.references import opposite_reference, read_adjustment_reference
from mapping.rounding import ZERO
from tasks.commands import command
from tasks.direction import Ends
from tasks.known_adjustments import ADJUSTMENT
from tasks.known_payments import PAYMENT, find_payment
from tasks.standing import SALES_ORDER
from tasks.undo_conflicts import cannot, words
from tasks.undo_ledger import LedgerUndo
from tasks.undoable import ShownLine, Undoable, UndoWork

__all__ = ["work_out"]


async def work_out(link: LinkRow, ends: Ends) -> Undoable:
    """Read the document of a link, and find out how it is undone.

    Raises:
        RecordError: It cannot be.
    """
    work, ledger = _Work(link, ends), LedgerUndo(link, ends)
    try:
        match link.target_kind:
            case "sales_order":
                return await work.sales_order()
            case "invoice":
                return await ledger.invoice()
            case "credit_note":
                return await ledger.credit_note()
            case "payment":
                return await work.payment()
            case _:
                return await work.adjustment()
    except RecordError as error:
        if error.code != NOT_FOUND:
            raise
        message = f"{work.name} is not in Visma.net any more"
        raise cannot(message, "Nothing is left to undo.") from error


class _Work(UndoWork):
    """Sales orders, payments and adjustments."""

    async def sales_order(self) -> Undoable:
        order_type, _, number = self.link.target_id.partition("/")
        order = await self.visma.get_sales_order(order_type, number)
        if order.status.cancelled:
            raise self.undone("it is cancelled")
        shipments = await self.visma.get_order_shipments(order_type, number)
        live = [one for one in shipments if one.status != "Cancelled"]
        is_return = self.link.direction == "refunds"
        lines = await self.visma.get_sales_order_lines(order_type, number)
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
        self.refuse_foreign(order.customer.order)
        if not is_return:
            self._refuse_paid()
        figured = Figured(
            total=order.totals.order_total,
            tax=order.totals.tax_total,
            currency=order.currency_id,
            tax_by_rate={},
        )
        posted = self.today()
        return Undoable(
            draft=UndoDraft(
                how="cancel",
                kind=SALES_ORDER,
                number=self.link.target_id,
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

    def _refuse_paid(self) -> None:
        """Stop at money that was booked for an order: it would have nothing to pay."""
        number = self.link.source_id
        with self.ends.books.read() as unit:
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

    async def payment(self) -> Undoable:
        row = await self.visma.get_payment(self.link.target_id)
        self.refuse_foreign(row.payment_ref)
        if row.is_void:
            raise self.undone("it is voided")
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
        on = self.today()
        if PeriodOf(self.periods()).is_closed(on.on):
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
                period=self.period(on),
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
        row = await self.visma.get_adjustment(self.link.target_id)
        own = row.external_reference or ""
        if read_adjustment_reference(self.ends.settings.prefix, own) is None:
            raise self.foreign()
        if not row.is_released:
            raise cannot(
                f"{self.name} is not released ({row.status}), and Visma.net lets no "
                "program delete one",
                "Delete it in Visma.net by hand, and set its record aside.",
            )
        posted = self.posted("inventory")
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
                period=self.period(posted),
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
