"""From a refund that belongs to no return to the document of an allowance."""

from __future__ import annotations

from decimal import Decimal

from connectors.centra.sale_models import Sale
from connectors.errors import RecordError
from mapping.balancing import build_document
from mapping.documents import Document, DocumentLine, LineKind
from mapping.order_documents import order_to_document
from mapping.returned_orders import naming
from mapping.rounding import ZERO, Rounding, allocate
from settings.connection import Connection

__all__ = ["allowance_to_document"]


def allowance_to_document(
    sale: Sale, amount: Decimal, *, entry_id: int, connection: Connection
) -> Document:
    """Return the credit of a refund that belongs to no return, VAT split as the sale's.

    Raises:
        RecordError: the sale does not add up, or less was sold than is given back.
    """
    name = f"refund {entry_id}"
    sold = naming(
        name, str(entry_id), lambda: order_to_document(sale, connection=connection)
    )
    if amount > sold.total:
        raise RecordError(
            f"{name} gives back {amount:,f} {sold.currency}, but order {sale.number} "
            f"was sold for {sold.total:,f}.",
            code="RETURN_LARGER_THAN_SHIPMENT",
            fix="Compare the payments of the order in Centra, correct them, and retry.",
            record_id=str(entry_id),
        )
    item = connection.returns.allowance_item
    lines = _allowance_lines(sold, sold.rounding.amount(amount), item)
    return build_document(
        lines,
        record_id=name,
        currency=sold.currency,
        rounding=sold.rounding,
        total=sold.rounding.amount(amount),
        vat=sum((line.vat for line in lines), ZERO),
        exact="gross",
    )


def _allowance_lines(sold: Document, amount: Decimal, item: str) -> list[DocumentLine]:
    """One line a VAT rate: the amount spread as the sale's own value was."""
    totals = [total for total in sold.vat_totals if total.gross > ZERO]
    parts = allocate(amount, [total.gross for total in totals], sold.rounding.step)
    return [
        _allowance_line(f"A{position}", total.rate, part, item, sold.rounding)
        for position, (total, part) in enumerate(
            zip(totals, parts, strict=True), start=1
        )
        if part
    ]


def _allowance_line(
    key: str, rate: Decimal, gross: Decimal, item: str, rounding: Rounding
) -> DocumentLine:
    vat = rounding.vat_in(gross, rate)
    return DocumentLine(
        key=key,
        kind=LineKind.ALLOWANCE,
        net=gross - vat,
        rate=rate,
        vat=vat,
        gross=gross,
        item=item,
        description="Allowance",
    )
