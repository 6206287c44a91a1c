"""Returns and refunds of Centra are credited against their own sale, in both modes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.centra.returning import complete_return, create_return
from sandbox.centra.returns import Extras
from tests.tasks_.returning import (
    CREDITED,
    MODES,
    ORDERED,
    PRICE,
    RELEASED,
    SHIRT,
    TWO_RATES,
    Mode,
    a_returning_stand,
    credit_notes,
    figures,
    give_back,
    sell,
    sum_of,
)
from tests.tasks_.stand import emptied

D = Decimal
in_both_modes = pytest.mark.parametrize("mode", MODES)


@in_both_modes
async def test_a_partial_return_is_credited_with_its_cost(
    tmp_path: Path, mode: Mode
) -> None:
    """Two of three T-shirts come back for 49 SEK: 1,549 SEK, 309.80 of it VAT, that day."""
    with a_returning_stand(tmp_path, mode) as stand:
        order = await sell(stand, shipping=49, lines=TWO_RATES)
        give_back(stand, order, 2, return_cost=49)

        summary = await stand.run("refunds")

        [note] = credit_notes(stand)
        assert summary.sentence == "1 new"
        assert figures(note) == {
            "total": D("1549.00"),
            "vat": {D(25): D("309.80")},
            "status": "Open",
        }
        assert (note.customer, note.currency) == ("10001", "SEK")
        assert note.on == date(2026, 3, 10)
        made = {CREDITED, ORDERED} & set(stand.writes)
        assert made == {CREDITED if mode == "invoice" else ORDERED}
        assert stand.writes[RELEASED] == 1


@in_both_modes
async def test_what_was_credited_is_not_credited_again(
    tmp_path: Path, mode: Mode
) -> None:
    """A second run, and one that reads everything again, write nothing."""
    with a_returning_stand(tmp_path, mode) as stand:
        order = await sell(stand)
        give_back(stand, order)
        await stand.run("refunds")

        again = await stand.run("refunds")
        assert stand.writes == {}
        await stand.run("refunds", full=True)

        assert again.sentence == "nothing to do"
        assert stand.writes == {}
        assert len(credit_notes(stand)) == 1


@in_both_modes
async def test_repeated_partial_returns_come_to_the_sale(
    tmp_path: Path, mode: Mode
) -> None:
    """Each return is valued by its own lines: returned one by one, a sale comes to zero."""
    with a_returning_stand(tmp_path, mode) as stand:
        order = await sell(
            stand,
            lines=[{"sku": "NH1104NAVM", "quantity": 3}],
            discounts=[{"type": "AppliedVoucher", "value": 10}],
        )
        for _ in range(3):
            give_back(stand, order)
            await stand.run("refunds")

        assert len(credit_notes(stand)) == 3
        [sold] = stand.company.books.invoices.values()
        assert sum_of(stand) == sold.gross
        by_rate = sum(
            (tax.tax for one in credit_notes(stand) for tax in one.taxes), D(0)
        )
        assert abs(by_rate - sum(tax.tax for tax in sold.taxes)) <= D("0.02")


@in_both_modes
async def test_a_pending_return_is_not_booked(tmp_path: Path, mode: Mode) -> None:
    """Nothing is credited before the goods are received; then it is, by its event."""
    with a_returning_stand(tmp_path, mode) as stand:
        order = await sell(stand)
        give_back(stand, order, complete=False, refund=False)
        before = await stand.run("refunds")

        assert before.counts.reasons == {"RETURN_NOT_COMPLETED": 1}
        assert stand.writes == {}

        stand.edit(order, "complete_return")
        after = await stand.run("refunds")
        assert after.sentence == "1 new"
        assert sum_of(stand) == PRICE


@in_both_modes
async def test_a_return_waits_for_the_invoice_of_its_sale(
    tmp_path: Path, mode: Mode
) -> None:
    """A return that comes before the invoice is booked by the run that finds it."""
    with a_returning_stand(tmp_path, mode) as stand:
        order = stand.place()
        await stand.run("orders")
        stand.edit(order, "ship")
        give_back(stand, order)

        early = await stand.run("refunds")
        assert (early.counts.waiting, stand.writes) == (1, {})

        await stand.run("fulfilment")
        late = await stand.run("refunds")
        assert late.sentence == "1 new"
        assert sum_of(stand) == PRICE


@in_both_modes
@pytest.mark.parametrize("fault", ["after_commit", "cut", "no_answer"])
async def test_a_lost_answer_makes_no_second_document(
    tmp_path: Path, mode: Mode, fault: str
) -> None:
    """What was made while the answer was lost is found, and gone on with to the end."""
    with a_returning_stand(tmp_path, mode) as stand:
        order = await sell(stand)
        give_back(stand, order)
        stand.fault(fault, CREDITED if mode == "invoice" else ORDERED)

        first = await stand.run("refunds")
        assert first.sentence == "1 in doubt"
        stand.wait(minutes=2)
        await stand.run("refunds")
        stand.wait(minutes=8)
        await stand.run("refunds")
        last = await stand.run("refunds")

        assert last.counts.in_doubt == last.counts.waiting == 0
        [note] = credit_notes(stand)
        assert (note.status, note.gross) == ("Open", PRICE)
        returns = [one for one in stand.company.orders if one.type == "RC"]
        assert len(returns) == (0 if mode == "invoice" else 1)


@in_both_modes
async def test_a_lost_answer_to_a_release_is_made_good(
    tmp_path: Path, mode: Mode
) -> None:
    """A release that was carried out is not asked for again: its state is read first."""
    with a_returning_stand(tmp_path, mode) as stand:
        order = await sell(stand)
        give_back(stand, order)
        stand.fault("after_commit", RELEASED)

        await stand.run("refunds")
        for _ in range(3):
            stand.wait(minutes=5)
            await stand.run("refunds")
            assert RELEASED not in stand.writes

        [note] = credit_notes(stand)
        assert note.status == "Open"
        assert stand.parked() == {}


@in_both_modes
async def test_more_than_was_shipped_is_never_credited(
    tmp_path: Path, mode: Mode
) -> None:
    """A return that with those before it is larger than its shipment is parked."""
    with a_returning_stand(tmp_path, mode) as stand:
        order = await sell(stand)
        give_back(stand, order, refund=False)
        await stand.run("refunds")
        give_back(stand, order, refund=False, force=True)

        summary = await stand.run("refunds")

        assert summary.counts.newly_parked == 1
        assert list(stand.parked().values()) == ["RETURN_LARGER_THAN_SHIPMENT"]
        assert stand.writes == {}
        assert sum_of(stand) == PRICE


@in_both_modes
async def test_a_lost_ledger_makes_nothing_twice(tmp_path: Path, mode: Mode) -> None:
    """With an empty ledger a credit note that stands is adopted by its reference."""
    with a_returning_stand(tmp_path, mode) as stand:
        order = await sell(stand)
        give_back(stand, order)
        await stand.run("refunds")
        (tmp_path / "new").mkdir()

        with emptied(stand, tmp_path / "new"):
            await stand.run("refunds")
            assert {CREDITED, ORDERED} & set(stand.writes) == set()
            assert len(credit_notes(stand)) == 1


@in_both_modes
async def test_a_refund_without_a_return_is_an_allowance(
    tmp_path: Path, mode: Mode
) -> None:
    """Goodwill is credited on an item of its own, with the VAT of the sale."""
    with a_returning_stand(tmp_path, mode) as stand:
        order = await sell(stand)
        stand.edit(order, "goodwill", amount=50)

        summary = await stand.run("refunds")

        [note] = credit_notes(stand)
        entry = order.payments[-1].id
        assert summary.sentence == "1 new"
        assert note.external_reference == f"N-G{entry}"
        assert figures(note) == {
            "total": D("50.00"),
            "vat": {D(25): D("10.00")},
            "status": "Open",
        }
        assert [line.inventory_id for line in note.lines] == ["ALLOWANCE"]
        await stand.run("refunds", full=True)
        assert stand.writes == {}


@in_both_modes
async def test_the_refund_of_a_return_is_no_allowance(
    tmp_path: Path, mode: Mode
) -> None:
    """A return that is repaid weeks later is credited once, as a return."""
    with a_returning_stand(tmp_path, mode) as stand:
        order = await sell(stand)
        give_back(stand, order, refund=False)
        await stand.run("refunds")
        stand.wait(minutes=60 * 24 * 15)
        stand.edit(order, "refund_return")

        await stand.run("refunds")

        assert stand.writes == {}
        assert len(credit_notes(stand)) == 1


@in_both_modes
async def test_a_restored_ledger_credits_no_return_twice(
    tmp_path: Path, mode: Mode
) -> None:
    """It knows whose a refund is, when the order changes long after its return, too."""
    with a_returning_stand(tmp_path, mode) as stand:
        orders = []
        for _ in range(2):
            orders.append(await sell(stand))
            give_back(stand, orders[-1])
            await stand.run("refunds")
            stand.wait(minutes=60 * 24 * 3)
        with stand.environment.books("nordhem").begin() as unit:
            unit.restoring.start_over(by="Anna", detail={"backup": "of last night"})
        stand.edit(orders[0], "touch")

        summary = await stand.run("refunds")

        assert summary.counts.created == 0
        assert {CREDITED, ORDERED} & set(stand.writes) == set()
        assert len(credit_notes(stand)) == 2


@in_both_modes
async def test_an_exchange_is_a_credit_and_a_new_order(
    tmp_path: Path, mode: Mode
) -> None:
    """What goes out instead is a sale of its own; the return is credited in full."""
    with a_returning_stand(tmp_path, mode) as stand:
        order = await sell(stand)
        give_back(stand, order, refund=False)
        other = await sell(stand)
        await stand.run("refunds")

        assert other.number != order.number
        assert sum_of(stand) == PRICE
        assert len(stand.company.books.invoices) == 2


@in_both_modes
async def test_a_return_in_a_closed_period_goes_to_the_next_one(
    tmp_path: Path, mode: Mode
) -> None:
    """A credit note keeps its day; goods are received on the first day that is open."""
    with a_returning_stand(tmp_path, mode) as stand:
        order = await sell(stand)
        give_back(stand, order)
        stand.company.close_period("202603")
        stand.wait(minutes=90)

        await stand.run("refunds")

        [note] = credit_notes(stand)
        day = date(2026, 3, 10) if mode == "invoice" else date(2026, 4, 1)
        assert (note.on, note.period) == (day, "202604")


async def test_a_return_in_a_closed_period_is_parked_by_setting(tmp_path: Path) -> None:
    """Where the settings park it, it is tried again in each run until it is open."""
    closed = {"orders.closed_periods": "park"}
    with a_returning_stand(tmp_path, "invoice", **closed) as stand:
        order = await sell(stand)
        give_back(stand, order)
        stand.company.close_period("202603")
        stand.wait(minutes=90)
        await stand.run("refunds")

        assert list(stand.parked().values()) == ["PERIOD_CLOSED"]
        assert stand.writes == {}

        stand.company.close_period("202603", closed=False)
        stand.wait(minutes=90)
        await stand.run("refunds")
        assert stand.parked() == {}
        assert sum_of(stand) == PRICE


async def test_one_item_on_two_lines_comes_back_line_by_line(tmp_path: Path) -> None:
    """Sold at two prices: each return names the invoice line of its own price.

    One unit of the first line came back; what comes back after it is never more than
    is left of a line.
    """
    prices = ["799.00", "500.00", "799.00"]
    lines = [{"sku": SHIRT, "unit_price": price} for price in prices]
    with a_returning_stand(tmp_path, "sales_order") as stand:
        order = await sell(stand, lines=lines)
        for line in (order.lines[1], order.lines[0], order.lines[2]):
            stand.edit(order, "return", lines={str(line.id): 1})
            await stand.run("refunds")

        assert stand.parked() == {}
        assert [note.gross for note in credit_notes(stand)] == [
            D("500.00"),
            D("799.00"),
            D("799.00"),
        ]
        returned = [one for one in stand.company.orders if one.type == "RC"]
        assert [
            line.extra["invoiceLineNumber"] for o in returned for line in o.lines
        ] == [
            2,
            1,
            3,
        ]


async def test_returns_of_one_sale_are_sent_in_turn(tmp_path: Path) -> None:
    """In one run: none takes the line that another one is about to take."""
    lines = [{"sku": SHIRT}, {"sku": SHIRT}, {"sku": SHIRT}]
    with a_returning_stand(tmp_path, "sales_order") as stand:
        order = await sell(stand, lines=lines)
        for line in order.lines:
            stand.edit(order, "return", lines={str(line.id): 1})
        await stand.run("refunds")

        assert stand.parked() == {}
        returned = [one for one in stand.company.orders if one.type == "RC"]
        named = [x.extra["invoiceLineNumber"] for one in returned for x in one.lines]
        assert sorted(named) == [1, 2, 3]


async def test_shipping_comes_back_in_two_parts(tmp_path: Path) -> None:
    """The second part is more than the invoice's one unit of shipping: it names none."""
    with a_returning_stand(tmp_path, "sales_order") as stand:
        order = await sell(stand, shipping=49, lines=[{"sku": SHIRT, "quantity": 2}])
        [shipment] = order.shipments
        for amount in (2000, 2900):
            stand.world.clock.advance(1)
            now = stand.world.clock.now()
            extras = Extras(shipping=amount, handling=0, discounts=0, return_cost=0)
            made = create_return(
                stand.shop, shipment, {shipment.lines[0]: 1}, extras, now
            )
            complete_return(stand.shop, made, now)
            await stand.run("refunds")

        assert stand.parked() == {}
        assert sum_of(stand) == 2 * PRICE + 49
        returned = [one for one in stand.company.orders if one.type == "RC"]
        assert [
            [(x.inventory_id, x.extra.get("invoiceLineNumber")) for x in one.lines]
            for one in returned
        ] == [[(SHIRT, 1), ("SHIPPING", 2)], [(SHIRT, 1), ("SHIPPING", None)]]
