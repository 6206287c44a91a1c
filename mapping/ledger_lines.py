"""From posted lines to the lines of an invoice or a credit note."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.errors import RecordError
from connectors.visma.ledger_writes import NewLedgerLine, Segment
from mapping.documents import LineKind
from mapping.posted_lines import PostedLine
from mapping.posting import Dimensions, Traits, line_dimensions
from mapping.rounding import plain
from mapping.texts import cut
from settings.connection import Connection
from settings.posting import OrderRules

__all__ = ["ledger_lines", "sales_account"]

_DESCRIPTION = 256


def ledger_lines(
    lines: Sequence[PostedLine],
    *,
    traits: Traits,
    branch: str | None,
    connection: Connection,
    record_id: str = "the document",
) -> tuple[NewLedgerLine, ...]:
    """Return the lines to send: non-stock items or accounts, prices and VAT category.

    `branch` is the document's; a line names its own only where it is another.

    Raises:
        RecordError: a line should name an account, and none is set for it.
    """
    made = []
    for line in lines:
        found = line_dimensions(line, traits, connection.posting)
        account = sales_account(line, traits, connection)
        item = _item(line, account, connection.orders, record_id)
        own_branch = found.branch if found.branch not in {None, branch} else None
        made.append(
            NewLedgerLine(
                inventory_number=item,
                description=_description(line, item) or None,
                quantity=line.quantity,
                unit_price_in_currency=plain(line.unit_price),
                discount_amount_in_currency=plain(line.discount),
                manual_discount=True,
                vat_code_id=line.category,
                account_number=account,
                subaccount=_segments(found) or None,
                branch_number=own_branch,
            )
        )
    return tuple(made)


def sales_account(
    line: PostedLine, traits: Traits, connection: Connection
) -> str | None:
    """Return the account that the settings give a line; None: that of its item."""
    found = line_dimensions(line, traits, connection.posting)
    rules = connection.orders
    if line.kind is LineKind.PRODUCT and rules.invoice_lines == "account":
        return found.sales_account or rules.invoice_account
    return found.sales_account


def _item(
    line: PostedLine, account: str | None, rules: OrderRules, record_id: str
) -> str | None:
    """Return the item that a line names; none where it names its account alone."""
    if line.kind is not LineKind.PRODUCT or rules.invoice_lines == "own_items":
        return line.item
    if rules.invoice_lines == "item":
        return rules.invoice_items.get(
            format(plain(line.rate), "f"), rules.invoice_item
        )
    if account is None:
        raise RecordError(
            f"Line {line.key} of {record_id} needs an account, but the settings name "
            "none for it.",
            code="INVOICE_ACCOUNT_MISSING",
            fix='Set orders.invoice_account, or orders.invoice_lines = "item".',
            record_id=record_id,
        )
    return None


def _description(line: PostedLine, item: str | None) -> str:
    """What was sold; with its number, where the line's item does not say it."""
    if line.kind is LineKind.PRODUCT and item != line.item:
        return cut(f"{line.item} {line.description}".strip(), _DESCRIPTION)
    return line.description


def _segments(found: Dimensions) -> tuple[Segment, ...]:
    return tuple(
        Segment(segment_id=int(segment), segment_value=value)
        for segment, value in found.subaccount.items()
    )
