"""The detector is tested: each kind of difference is planted, and found, typed and aged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from mapping.certificate import Cause, Difference
from sandbox.centra.sales import Order
from sandbox.visma.ledger_records import Invoice
from tasks.certificate import (
    Certified,
    PeriodError,
    as_json,
    certify,
    sign_difference,
)
from tasks.environment import use_environment
from tests.tasks_.paying import posting, settle, sold
from tests.tasks_.stand import Stand, a_stand

D = Decimal


@pytest.fixture(params=["sales_order", "invoice"])
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    """A live store that posts one way or the other."""
    with a_stand(tmp_path, **posting(request.param)) as opened:
        yield opened


async def certified(stand: Stand) -> Certified:
    """Read both sides from start_on to today."""
    with use_environment(stand.environment):
        return await certify("nordhem")


async def found(stand: Stand) -> list[Difference]:
    """What differs, rounding left aside."""
    done = await certified(stand)
    return [one for one in done.certificate.differences if one.cause != Cause.ROUNDING]


def invoice_of(stand: Stand) -> Invoice:
    """The only invoice there is."""
    [invoice] = stand.company.books.invoices.values()
    return invoice


async def test_a_sale_there_and_back_matches(stand: Stand) -> None:
    """Sold, shipped, paid, returned and refunded: all pairs agree, nothing differs."""
    order = sold(stand, lines=[{"sku": "NH1104NAVM", "quantity": 2}], shipping=49)
    await settle(stand)
    stand.edit(order, "return", lines={"NH1104NAVM": 1}, refund=True)
    await settle(stand)

    done = await certified(stand)
    shown = as_json(done.certificate)

    assert done.is_clean
    assert (shown["unexplained"], shown["explained"]) == (0, {})
    assert shown["compared"] == shown["matched"] >= 4
    delivered = [row for row in shown["rows"] if row["pair"] == "delivered"]
    assert [
        (row["rate"], row["centra_gross"], row["visma_gross"], row["centra_vat"])
        for row in delivered
    ] == [("25", "1647.00", "1647.00", "329.40")]


async def test_what_no_run_has_read_is_in_flight(stand: Stand) -> None:
    """It goes by itself; after two days it must be signed."""
    sold(stand)

    differences = await found(stand)

    assert {one.cause for one in differences} == {Cause.IN_FLIGHT}
    assert "not read yet" in differences[0].sentence
    assert not any(one.is_over_age for one in differences)

    stand.wait(minutes=3 * 24 * 60)
    done = await certified(stand)

    assert {one.age_days for one in done.certificate.differences} == {3}
    assert all(one.is_over_age for one in done.certificate.differences)
    assert not done.is_clean


async def test_a_changed_invoice_is_found(stand: Stand) -> None:
    """Somebody lowered it by 100 in Visma.net: the amount, and that it was changed there."""
    sold(stand)
    await settle(stand)
    invoice = invoice_of(stand)
    _lower(invoice, D(100))

    [one] = await found(stand)

    assert (one.pair, one.amount, one.currency) == ("delivered", 10000, "SEK")
    assert one.documents == (invoice.number,)
    assert one.cause == Cause.CHANGED_IN_VISMA


@pytest.mark.parametrize("post_as", ["sales_order", "invoice"])
async def test_another_account_is_found(post_as: str, tmp_path: Path) -> None:
    """The settings name it, the returned part has it too, and somebody books it elsewhere."""
    rules = [{"country": "SE", "sales_account": "3105"}]
    with a_stand(tmp_path, **posting(post_as), posting=rules) as stand:
        order = sold(stand, lines=[{"sku": "NH1104NAVM", "quantity": 2}], shipping=49)
        await settle(stand)
        stand.edit(order, "return", lines={"NH1104NAVM": 1}, refund=True)
        await settle(stand)
        clean = await certified(stand)
        moved = invoice_of(stand).lines[0]
        assert moved.account == "3105"
        moved.account = "3001"
        [one] = await found(stand)

    assert clean.is_clean
    shown = [
        (row["pair"], row["account"], row["centra"], row["visma"])
        for row in as_json(clean.certificate)["accounts"]
    ]
    assert shown == [
        ("credited", "3105", "799.00", "799.00"),
        ("delivered", "3105", "1647.00", "1647.00"),
        ("paid", "1580", "848.00", "848.00"),
    ]
    assert (one.cause, one.amount) == (Cause.CHANGED_IN_VISMA, 159800)
    assert "belong on account 3105" in one.sentence
    assert "3001" in one.sentence


async def test_the_account_of_an_item_is_taken_as_it_is(stand: Stand) -> None:
    """Without a rule nobody says which account it is: it is shown, and proves nothing."""
    sold(stand, shipping=49)
    await settle(stand)
    goods = invoice_of(stand).lines[0]
    before = goods.account
    first = as_json((await certified(stand)).certificate)["accounts"]
    goods.account = "3105"

    done = await certified(stand)
    second = as_json(done.certificate)["accounts"]

    assert done.is_clean
    assert before in {row["account"] for row in first}
    assert ("3105", "799.00", "799.00") in {
        (row["account"], row["centra"], row["visma"]) for row in second
    }


async def test_an_invoice_that_is_an_ore_less_is_found(stand: Stand) -> None:
    """What was sent was predicted, so that no öre is rounding."""
    sold(stand)
    await settle(stand)
    _lower(invoice_of(stand), D("0.01"))

    [one] = await found(stand)

    assert (one.cause, one.pair, one.amount) == (
        Cause.CHANGED_IN_VISMA,
        "delivered",
        1,
    )


async def test_a_line_of_another_category_is_found(stand: Stand) -> None:
    """Its rate is the same, and so is the VAT; only the return it belongs in is another."""
    sold(stand, shipping=49)
    await settle(stand)
    invoice_of(stand).lines[1].vat_category = "SERVICES"

    [one] = await found(stand)

    assert (one.cause, one.amount) == (Cause.CHANGED_IN_VISMA, 4900)
    assert "SERVICES" in one.sentence


async def test_another_vat_zone_and_customer_are_found(stand: Stand) -> None:
    """The same amounts, in another country's return, and owed by somebody else."""
    sold(stand)
    await settle(stand)
    invoice = invoice_of(stand)
    invoice.vat_zone, invoice.customer = "NO", "10004"

    differences = await found(stand)

    assert [(one.cause, one.amount) for one in differences] == [
        (Cause.CHANGED_IN_VISMA, 79900)
    ] * 2
    told = " ".join(one.sentence for one in differences)
    assert "VAT zone is NO, not SE" in told
    assert "it is of customer 10004, not 10001" in told


async def test_each_list_of_visma_is_read_once(stand: Stand) -> None:
    """Payments are compared, and balanced on their clearing accounts, as read once."""
    sold(stand)
    await settle(stand)
    stand.world.calls.reset()

    await certified(stand)

    times = {
        name.rpartition("/")[2].casefold(): times
        for name, times in stand.calls.items()
        if name.startswith(("visma.GET", "salesorder.GET"))
    }
    lists = ("salesorders", "customerinvoice", "customercreditnote", "customerpayment")
    assert {name: times[name] for name in lists} == dict.fromkeys(lists, 1)


async def test_money_on_another_cash_account_is_found(stand: Stand) -> None:
    """The amount is right, and stands where nobody will look for it."""
    sold(stand)
    await settle(stand)
    [payment] = stand.company.books.payments.values()
    payment.cash_account = "1930"

    [one] = await found(stand)

    assert (one.cause, one.pair, one.amount) == (Cause.CHANGED_IN_VISMA, "paid", 79900)
    assert "1930" in one.sentence


@pytest.mark.parametrize("times", [1, 2])
async def test_an_order_is_not_invoiced_twice(stand: Stand, times: int) -> None:
    """By its shipments, and once more by hand as a whole, in the very same amount."""
    order = sold(stand)
    await settle(stand)
    for _ in range(times):
        stand.company.add_invoice(
            customer="10001",
            gross=D("799.00"),
            vat=D("159.80"),
            currency="SEK",
            on=order.created_at.date(),
            customer_ref_number=f"N-{order.number}",
        )

    differences = await found(stand)

    assert sum(one.amount for one in differences) == -79900 * times
    assert {one.cause for one in differences} == {Cause.CHANGED_IN_VISMA}


async def test_a_refund_is_not_credited_beside_its_return(stand: Stand) -> None:
    """Whatever made the connector forget whose it is: it is no change of Centra's."""
    orders = []
    for _ in range(2):
        orders.append(sold(stand))
        await settle(stand)
        stand.edit(orders[-1], "return", lines={"NH1104NAVM": 1}, refund=True)
        await settle(stand)
        stand.wait(minutes=60 * 24 * 3)
    with stand.environment.books("nordhem").begin() as unit:
        for kind in ("return", "refund_entry"):
            unit.index.remove(kind, ["1", "2"])
    stand.edit(orders[0], "touch")
    await stand.run("refunds")

    [one] = [one for one in await found(stand) if one.pair == "credited"]

    assert (one.cause, one.amount) == (Cause.UNEXPLAINED, -79900)
    assert "is credited twice: its refund belongs to return 1" in one.sentence


async def test_a_document_that_is_gone_is_found(stand: Stand) -> None:
    """A payment that was voided in Visma.net is missing there, with its number."""
    sold(stand)
    await settle(stand)
    [payment] = stand.company.books.payments.values()
    payment.status = "Voided"

    [one] = await found(stand)

    assert (one.cause, one.pair, one.amount) == (Cause.CHANGED_IN_VISMA, "paid", 79900)
    assert payment.number in one.sentence


async def test_a_document_by_hand_is_found(stand: Stand) -> None:
    """An invoice about a customer of ours that nobody can place."""
    order = sold(stand)
    await settle(stand)
    customer = invoice_of(stand).customer
    stand.company.add_invoice(
        customer=customer,
        gross=D("250.00"),
        vat=D("50.00"),
        currency="SEK",
        on=order.created_at.date(),
        customer_ref_number=None,
    )

    [one] = await found(stand)

    assert (one.cause, one.amount, one.orders) == (Cause.UNKNOWN_DOCUMENT, -25000, ())


async def test_a_parked_order_is_found_and_can_be_signed(stand: Stand) -> None:
    """It is not clean until a named person accepts it; another amount is another one."""
    sold(stand, country="CH")
    await settle(stand)
    done = await certified(stand)

    assert {one.cause for one in done.certificate.differences} == {Cause.PARKED}
    assert not done.is_clean
    assert sum(done.certificate.explained().values()) > 0

    with use_environment(stand.environment):
        for one in done.unsigned:
            assert sign_difference("nordhem", one.id, by="Kim", note="?") is None
            before = sign_difference("nordhem", one.id, by="Kim", note="known")
            assert before is not None  # the note is replaced, and whoever signs sees it
            assert (before.by, before.note) == ("Kim", "?")

    assert (await certified(stand)).is_clean


async def test_nobody_signs_what_is_not_there(stand: Stand) -> None:
    """A mistyped id is refused, and nothing is noted."""
    await certified(stand)

    with use_environment(stand.environment), pytest.raises(LookupError):
        sign_difference("nordhem", "0000000000", by="Kim", note="?")


async def test_what_is_unexplained_is_never_signed(stand: Stand) -> None:
    """Nobody knows why it is booked in another month: it stays, and no name is noted."""
    sold(stand)
    await settle(stand)
    invoice = invoice_of(stand)
    invoice.on, invoice.period = date(2026, 2, 10), "202602"
    [one] = await found(stand)

    with (
        use_environment(stand.environment),
        pytest.raises(ValueError, match="find its cause first"),
    ):
        sign_difference("nordhem", one.id, by="Kim", note="so what")

    done = await certified(stand)
    assert (one.cause, one.amount) == (Cause.UNEXPLAINED, 79900)
    assert done.signatures == {}


@pytest.mark.parametrize(
    ("since", "until", "why"),
    [
        (date(2027, 1, 1), date(2027, 1, 31), "today is 2026-03-10"),
        (date(1999, 1, 1), date(1999, 1, 31), "nothing from before"),
        (date(2026, 3, 9), date(2026, 3, 1), "before it begins"),
    ],
)
async def test_a_period_without_anything_is_refused(
    stand: Stand, since: date, until: date, why: str
) -> None:
    """Both sides would agree on nothing: it is no certificate, and none is kept."""
    with use_environment(stand.environment), pytest.raises(PeriodError, match=why):
        await certify("nordhem", since, until)

    with stand.environment.books("nordhem").read() as unit:
        assert unit.certificates.last() is None


async def test_an_edit_after_booking_is_found(stand: Stand) -> None:
    """A return that is gone from Centra after its credit note was booked."""
    order: Order = sold(stand)
    await settle(stand)
    stand.edit(order, "return", refund=False)
    await settle(stand)
    assert await found(stand) == []
    stand.edit(order, "delete_return", **{"return": order.returns[-1].id})

    differences = await found(stand)

    assert [(one.pair, one.amount) for one in differences] == [("credited", -79900)]
    assert differences[0].cause in {Cause.CHANGED_IN_CENTRA, Cause.IN_FLIGHT}


async def test_each_certificate_is_chained(stand: Stand) -> None:
    """Its hash stands in the audit chain, and the chain verifies."""
    sold(stand)
    done = await certified(stand)
    with stand.environment.books("nordhem").begin() as unit:
        [line] = unit.audit.trail(f"certificate {done.entry.id}")
        assert line.after_hash == done.entry.hash
        assert unit.audit.verify().ok


def _lower(invoice: Invoice, by: Decimal) -> None:
    """Lower the first line, as if it had been edited by hand."""
    invoice.gross -= by
    invoice.balance -= by
