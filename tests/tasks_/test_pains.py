"""Troubles that users of other connectors have reported, played against this one."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.centra.sales import Order
from sandbox.visma.ledger_records import Invoice
from tests.tasks_.returning import (
    SHIRT,
    TWO_RATES,
    a_returning_stand,
    credit_notes,
    give_back,
    sell,
)
from tests.tasks_.stand import Stand

DOMESTIC = 1
TWO_SHIRTS = [{"sku": SHIRT, "quantity": 2}]


def invoices(stand: Stand) -> list[Invoice]:
    """All invoices, oldest first."""
    return list(stand.company.books.invoices.values())


def shown(order: Order) -> list[str]:
    """The numbers of the invoices that an order shows."""
    texts = [one.value for one in order.attributes if one.name == "visma_invoices"]
    return [line.split(" | ")[0] for text in texts for line in text.splitlines()]


@pytest.mark.parametrize("mode", ["invoice", "sales_order"])
async def test_a_return_is_taken_off_the_invoice_of_its_own_shipment(
    tmp_path: Path, mode: str
) -> None:
    """Of two open invoices the second is lowered when its goods come back."""
    with a_returning_stand(tmp_path, mode) as stand:  # type: ignore[arg-type]
        order = stand.place(account=DOMESTIC, lines=TWO_SHIRTS)
        await stand.run("orders")
        for _ in range(2):
            stand.edit(order, "ship", lines={SHIRT: 1})
            await stand.run("fulfilment")
        first, second = invoices(stand)
        before = (first.balance, second.balance)
        give_back(stand, order, 1, shipment=order.shipments[1].id, refund=False)

        await stand.run("refunds")

        [note] = credit_notes(stand)
        assert first.balance == before[0]
        assert second.balance == before[1] - note.gross


async def test_undoing_one_return_leaves_the_other(tmp_path: Path) -> None:
    """Two returns of one order are two documents, and each has a life of its own."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        order = await sell(stand, lines=TWO_RATES)
        give_back(stand, order, 1, refund=False)
        give_back(stand, order, 1, refund=False)
        await stand.run("refunds")
        first, second = credit_notes(stand)
        stand.edit(order, "uncomplete_return")

        await stand.run("refunds")

        [_, opposite] = invoices(stand)
        assert opposite.external_reference == f"{second.external_reference}U"
        assert (first.status, first.balance) == ("Open", first.gross)
        assert [one.gross for one in credit_notes(stand)] == [first.gross, second.gross]


async def test_what_undoes_a_return_is_shown_on_its_order(tmp_path: Path) -> None:
    """The opposite of a credit note is an invoice of the order like any other."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        order = await sell(stand)
        give_back(stand, order, refund=False)
        await stand.run("refunds")
        stand.edit(order, "uncomplete_return")
        await stand.run("refunds")

        await stand.run("invoices")

        assert sorted(shown(order)) == sorted(one.number for one in invoices(stand))
        assert len(shown(order)) == 2
        invoices(stand)[0].modified_at = stand.world.clock.now()
        invoices(stand)[0].balance = Decimal(0)
        stand.wait(minutes=300)
        await stand.run("invoices")
        assert len(shown(order)) == 2


async def test_each_currency_keeps_to_its_own_documents(tmp_path: Path) -> None:
    """Two orders in two currencies and their returns never meet in one document."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        swedish = await sell(stand)
        finnish = await sell(stand, country="FI")
        for order in (swedish, finnish):
            give_back(stand, order, refund=False)
        await stand.run("refunds")
        await stand.run("invoices")

        kept = {one.external_reference: one.currency for one in invoices(stand)}
        kept |= {one.external_reference: one.currency for one in credit_notes(stand)}
        assert set(kept.values()) == {"SEK", "EUR"}
        for order in (swedish, finnish):
            [shipment], [back] = order.shipments, order.returns
            code = order.frame.currency.code
            assert kept[f"N-S{shipment.id}"] == kept[f"N-R{back.id}"] == code
