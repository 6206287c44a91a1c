"""What stands at the end of a scenario, by the sandbox's own books."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.visma.ledger_records import Invoice, Payment
from tests.scenarios.stage import Play

__all__ = ["standing"]

_ZERO = Decimal(0)


def standing(play: Play, expected: dict[str, Any]) -> dict[str, Any]:
    """Return what stands, in the form and of the kind that `expected` names."""
    seen: dict[str, Any] = {}
    currency = expected.get("currency", "SEK")
    for name, wanted in expected.items():
        match name:
            case "balance":
                seen[name] = _shown(_balance(play, currency))
            case "clearing":
                seen[name] = {
                    account: _shown(_clearing(play, account, currency))
                    for account in wanted
                }
            case "documents":
                seen[name] = documents(play)
            case "centra":
                seen[name] = _centra(play, wanted)
            case _:
                seen[name] = wanted
    return seen


def documents(play: Play) -> list[dict[str, Any]]:
    """Every released document of the customers of the scenario, in a fixed order."""
    books = play.stand.company.books
    ledger = [*books.invoices.values(), *books.credit_notes.values()]
    rows = [_document(one) for one in ledger if _is_ours(play, one)]
    rows += [_payment(one) for one in books.payments.values() if _is_ours(play, one)]
    return sorted(rows, key=_order)


def _order(row: dict[str, Any]) -> tuple[str, str, Decimal]:
    return row["kind"], row["on"], Decimal(row["total"])


def _is_ours(play: Play, one: Invoice | Payment) -> bool:
    return one.customer in _customers(play)


def _customers(play: Play) -> set[str]:
    """The customers that the connector made or found for the scenario's orders."""
    with play.stand.environment.books("nordhem").read() as unit:
        keys = {_key(order) for order in play.orders}
        found = set()
        for role in ("created", "matched"):
            links = unit.links.many("customers", keys, role)
            found |= {link.target_id for link in links.values()}
    return found


def _key(order: Any) -> str:
    if order.account is not None:
        return f"acc-{order.account.id}"
    return f"dtc-{order.customer.id}"


def _document(one: Invoice) -> dict[str, Any]:
    row = {
        "kind": "invoice" if one.kind == "Invoice" else "credit_note",
        "on": one.on.isoformat(),
        "total": _shown(one.gross),
        "vat": {tax.code.id: _shown(tax.tax) for tax in one.taxes},
        "balance": _shown(one.balance),
    }
    return row if one.released else {**row, "status": one.status}


def _payment(one: Payment) -> dict[str, Any]:
    row = {
        "kind": "refund" if one.type == "Refund" else "payment",
        "on": one.on.isoformat(),
        "total": _shown(one.amount),
    }
    return row if one.released else {**row, "status": one.status}


def _balance(play: Play, currency: str) -> Decimal:
    customers = play.stand.company.books.journal.customers
    return sum((customers[one, currency] for one in _customers(play)), _ZERO)


def _clearing(play: Play, account: str, currency: str) -> Decimal:
    """What a cash account of any currency's series holds, seen from our side."""
    return play.stand.company.books.journal.accounts[account, currency]


def _centra(play: Play, wanted: dict[str, int]) -> dict[str, int]:
    shop, orders = play.stand.shop, play.orders
    shipments = [one for one in shop.shipments.values() if one.order in orders]
    counts = {
        "shipped": sum(one.is_shipped for one in shipments),
        "captured": sum(one.is_captured for one in shipments),
        "paid": sum(one.is_paid for one in shipments),
        "invoices": sum(_lines_of(one, "visma_invoices") for one in orders),
        "credit_notes": sum(_lines_of(one, "visma_credit_notes") for one in orders),
    }
    return {name: counts[name] for name in wanted}


def _lines_of(order: Any, attribute: str) -> int:
    """How many documents an attribute of an order lists."""
    texts = [one.value for one in order.attributes if one.name == attribute]
    return sum(len(text.splitlines()) for text in texts)


def _shown(amount: Decimal) -> str:
    return format(amount, "f")
