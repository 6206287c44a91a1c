"""Credit notes of Visma.net are seen on the orders and returns of Centra."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from connectors.visma.ledger_writes import NewCreditNote, NewLedgerLine
from sandbox.centra.sales import Order
from sandbox.visma.document_rules import touch_document
from tests.tasks_.returning import (
    MODES,
    SHIRT,
    Mode,
    a_returning_stand,
    credit_notes,
    give_back,
    release,
    sell,
)
from tests.tasks_.stand import Stand, emptied

D = Decimal
ASSIGNED = "centra.mutation.AssignAttributes"
NAMED = "centra.mutation.SetIdConversions"
RETURNED = "centra.mutation.CreateReturn"


def shown(order: Order) -> list[str]:
    """The list of credit notes that an order shows."""
    texts = [one.value for one in order.attributes if one.name == "visma_credit_notes"]
    return texts[0].splitlines() if texts else []


def names(stand: Stand) -> dict[str, int]:
    """The external ids of returns that the connector set."""
    entries = stand.shop.conversions.of("connector")
    return {
        one.external_id: one.internal_id
        for one in entries
        if one.object_type == "Return"
    }


async def by_hand(
    stand: Stand,
    order: Order | None = None,
    *,
    item: str = "SALES",
    reference: str | None = None,
    price: str = "100.00",
) -> str:
    """Make and release a credit note as people do in Visma.net; return its number."""
    note = NewCreditNote(
        customer_number="10001",
        currency_id="SEK",
        document_date="2026-03-10T00:00:00",
        external_reference=reference,
        customer_ref_number=f"N-{order.number}" if order else None,
        customer_vat_zone_id="SE",
        lines=(
            NewLedgerLine(
                inventory_number=item,
                quantity=D(1),
                unit_price_in_currency=D(price),
                vat_code_id="STDG",
            ),
        ),
    )
    async with stand.environment.visma(stand.settings) as visma:
        number = await visma.create_credit_note(note)
    release(stand, stand.company.books.credit_notes[number])
    return number


@pytest.mark.parametrize("mode", MODES)
async def test_the_order_shows_its_credit_notes(tmp_path: Path, mode: Mode) -> None:
    """Number, day, amount, balance and the return it answers; oldest first."""
    with a_returning_stand(tmp_path, mode) as stand:
        order = await sell(stand, lines=[{"sku": SHIRT, "quantity": 2}])
        give_back(stand, order)
        await stand.run("refunds")
        stand.edit(order, "goodwill", amount=50)
        await stand.run("refunds")

        summary = await stand.run("credit_notes")

        first, second = (one.number for one in credit_notes(stand))
        assert summary.sentence == "1 new"
        assert shown(order) == [
            f"{first} | 2026-03-10 | 799.00 SEK | balance 799.00 | open | return 1",
            f"{second} | 2026-03-10 | 50.00 SEK | balance 50.00 | open | allowance",
        ]
        assert stand.writes == {ASSIGNED: 1, NAMED: 1}
        assert names(stand) == {f"N-{first}": 1}


@pytest.mark.parametrize("mode", MODES)
async def test_what_has_not_changed_is_not_written(tmp_path: Path, mode: Mode) -> None:
    """The list is read again within the overlap, and is the same."""
    with a_returning_stand(tmp_path, mode) as stand:
        order = await sell(stand)
        give_back(stand, order)
        await stand.run("refunds")
        await stand.run("credit_notes")

        again = await stand.run("credit_notes")
        assert (again.sentence, stand.writes) == ("nothing to do", {})
        await stand.run("credit_notes", full=True)
        assert stand.writes == {}


async def test_a_settled_credit_note_changes_the_list(tmp_path: Path) -> None:
    """When it is paid out, the order says so."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        order = await sell(stand)
        give_back(stand, order)
        await stand.run("refunds")
        await stand.run("credit_notes")
        [note] = credit_notes(stand)
        note.balance, note.status = D(0), "Closed"
        stand.world.clock.advance(1)
        touch_document(stand.company, note)

        summary = await stand.run("credit_notes")

        assert summary.sentence == "1 changed"
        assert shown(order) == [
            f"{note.number} | 2026-03-10 | 799.00 SEK | balance 0.00 | settled | return 1"
        ]


async def test_one_made_by_hand_is_looked_at(tmp_path: Path) -> None:
    """A credit note of our order that answers no return is shown, and parked once."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        order = await sell(stand)
        number = await by_hand(stand, order)

        summary = await stand.run("credit_notes")

        assert stand.parked() == {f"C{number}": "CREDIT_NOTE_BY_HAND"}
        assert summary.counts.newly_parked == 1
        assert shown(order) == [
            f"{number} | 2026-03-10 | 100.00 SEK | balance 100.00 | open | by hand"
        ]
        again = await stand.run("credit_notes")
        assert (again.counts.newly_parked, stand.writes) == (0, {})


async def test_one_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    """What carries no reference of ours was sold elsewhere."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        await by_hand(stand)

        summary = await stand.run("credit_notes")

        assert summary.counts.reasons == {"NOT_FROM_CENTRA": 1}
        assert stand.parked() == {}


async def test_a_reference_that_leads_nowhere_is_parked(tmp_path: Path) -> None:
    """One that names a return which Centra does not show needs a person."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        number = await by_hand(stand, reference="N-R999")

        await stand.run("credit_notes")

        assert stand.parked() == {f"C{number}": "CREDIT_NOTE_OF_UNKNOWN_ORDER"}


async def test_by_setting_it_becomes_a_return(tmp_path: Path) -> None:
    """A pending return on the shipment that carried the goods; no money is moved."""
    to_return = {"credit_notes.by_hand": "return", "orders.invoice_lines": "own_items"}
    with a_returning_stand(tmp_path, "invoice", **to_return) as stand:
        order = await sell_own_items(stand)
        payments = len(order.payments)
        await by_hand(stand, order, item=SHIRT, price="799.00")

        await stand.run("credit_notes")

        [made] = order.returns
        assert stand.writes[RETURNED] == 1
        assert (made.return_status, len(order.payments)) == ("PENDING", payments)
        assert [line.quantity for line in made.lines] == [1]
        await stand.run("credit_notes")
        assert RETURNED not in stand.writes


async def test_the_return_of_a_hand_made_credit_is_not_credited_again(
    tmp_path: Path,
) -> None:
    """Completed in Centra, it is answered by the credit note that it was made of."""
    to_return = {"credit_notes.by_hand": "return", "orders.invoice_lines": "own_items"}
    with a_returning_stand(tmp_path, "invoice", **to_return) as stand:
        order = await sell_own_items(stand)
        await by_hand(stand, order, item=SHIRT, price="799.00")
        await stand.run("credit_notes")
        stand.edit(order, "complete_return")

        summary = await stand.run("refunds")

        assert summary.counts.adopted == 1
        assert len(credit_notes(stand)) == 1


async def test_a_lost_answer_makes_no_second_return(tmp_path: Path) -> None:
    """It is looked for by its external id before it is made again."""
    to_return = {"credit_notes.by_hand": "return", "orders.invoice_lines": "own_items"}
    with a_returning_stand(tmp_path, "invoice", **to_return) as stand:
        order = await sell_own_items(stand)
        await by_hand(stand, order, item=SHIRT, price="799.00")
        stand.fault("after_commit", RETURNED)
        await stand.run("credit_notes")
        stand.wait(minutes=2)
        await stand.run("credit_notes")

        assert len(order.returns) == 1
        assert stand.parked() == {}


async def test_a_lost_ledger_writes_the_same_list(tmp_path: Path) -> None:
    """With an empty ledger the returns are read first, and nothing is by hand."""
    with a_returning_stand(tmp_path, "invoice") as stand:
        order = await sell(stand)
        give_back(stand, order)
        await stand.run("refunds")
        await stand.run("credit_notes")
        before = shown(order)
        (tmp_path / "new").mkdir()

        with emptied(stand, tmp_path / "new"):
            await stand.run("refunds")
            await stand.run("credit_notes")

            assert shown(order) == before
            assert stand.parked() == {}


async def sell_own_items(stand: Stand) -> Order:
    """Sell an item that is no stock item in Visma.net, so that it may be invoiced."""
    for item in stand.company.items.values():
        if item.number == SHIRT:
            item.stock = False
    return await sell(stand)
