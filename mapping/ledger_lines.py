"""From posted lines to the lines of invoices and credit notes of the customer ledger."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.visma.ledger_writes import NewLedgerLine, Segment
from mapping.documents import LineKind
from mapping.posted_lines import PostedLine
from mapping.posting import Traits, dimensions
from mapping.rounding import plain
from settings.connection import Connection
from settings.posting import OrderRules

__all__ = ["ledger_item", "ledger_lines"]


def ledger_lines(
    lines: Sequence[PostedLine],
    *,
    traits: Traits,
    branch: str | None,
    connection: Connection,
) -> tuple[NewLedgerLine, ...]:
    """Return the lines to send, on the accounts and dimensions of the settings."""
    return tuple(_line(line, traits, branch, connection) for line in lines)


def ledger_item(line: PostedLine, rules: OrderRules) -> str:
    """Return the item of a line; goods have a non-stock one, as stock is refused here."""
    if line.kind is not LineKind.PRODUCT:
        return line.item
    return rules.invoice_items.get(format(plain(line.rate), "f"), rules.invoice_item)


def _line(
    line: PostedLine, traits: Traits, branch: str | None, connection: Connection
) -> NewLedgerLine:
    own = Traits(
        store=traits.store,
        market=traits.market,
        country=traits.country,
        brand=line.brand,
        product_group=line.group,
    )
    found = dimensions(own, connection.posting)
    segments = tuple(
        Segment(segment_id=int(number), segment_value=value)
        for number, value in sorted(found.subaccount.items())
    )
    return NewLedgerLine(
        inventory_number=ledger_item(line, connection.orders),
        description=line.description or None,
        quantity=line.quantity,
        unit_price_in_currency=plain(line.unit_price),
        discount_amount_in_currency=plain(line.discount),
        manual_discount=True,
        vat_code_id=line.category,
        account_number=found.sales_account,
        subaccount=segments or None,
        branch_number=found.branch if found.branch not in {None, branch} else None,
    )
