"""One capture's money is settled once; in parts, or charged back and again, it may be."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.tasks_.paying import posting, settle, sold
from tests.tasks_.settling import ACCOUNTS, book
from tests.tasks_.stand import Stand, a_stand
from tests.tasks_.test_payouts import account

HEAD = "payout_id,payout_date,currency,kind,reference,amount\n"
"""Our own layout, with no day of each line."""


def own_file(payout: str, on: str, *lines: tuple[str, str, str]) -> bytes:
    """A settlement in our own layout: kind, reference and amount of each line."""
    total = sum(Decimal(amount) for _, _, amount in lines)
    rows = [f"{payout},{on},SEK,{kind},{ref},{amount}" for kind, ref, amount in lines]
    return (HEAD + "\n".join([*rows, f"{payout},{on},SEK,payout,,{total}"])).encode()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Stand]:
    """A live store whose provider is settled in our own layout."""
    rules = {**ACCOUNTS, "format": "own"}
    with a_stand(
        tmp_path, **posting("invoice"), **{"payment_methods.Klarna.settlement": rules}
    ) as opened:
        yield opened


async def a_capture(stand: Stand) -> str:
    """The provider's reference of a payment of 799 SEK that is booked."""
    order = sold(stand)
    await settle(stand)
    return str(order.payments[-1].external_reference)


async def test_a_capture_is_not_settled_by_payouts_of_two_days(own: Stand) -> None:
    """Without a day of its own a line looks new: it is still the same capture's money."""
    reference = await a_capture(own)
    line = ("capture", reference, "799.00")
    await book(own, own_file("K1", "2026-03-10", line))
    await book(own, own_file("K2", "2026-03-11", line))

    [row] = [one for one in own.exceptions() if one.source_id == "Klarna/SEK/K2"]
    assert row.code == "SETTLEMENT_LINE_TWICE"
    assert (
        f"1,598.00 SEK of {reference} are settled as capture, with Klarna/SEK/K1, and "
        "Visma.net has 799"
    ) in row.reason
    assert len(own.company.books.journals) == 1
    assert account(own, "1580") == 0


async def test_a_capture_is_not_settled_twice_within_a_payout(own: Stand) -> None:
    """Two rows that say the same are two captures only if two were booked."""
    reference = await a_capture(own)
    line = ("capture", reference, "799.00")

    await book(own, own_file("K1", "2026-03-10", line, line))

    assert own.parked()["Klarna/SEK/K1"] == "SETTLEMENT_LINE_TWICE"
    assert own.company.books.journals == {}


async def test_a_capture_may_be_settled_in_parts(own: Stand) -> None:
    """What is left of it comes with another payout; a third part would be too much."""
    reference = await a_capture(own)
    await book(own, own_file("K1", "2026-03-10", ("capture", reference, "500.00")))
    await book(own, own_file("K2", "2026-03-11", ("capture", reference, "299.00")))
    assert len(own.company.books.journals) == 2
    assert account(own, "1580") == 0

    await book(own, own_file("K3", "2026-03-12", ("capture", reference, "100.00")))

    assert own.parked()["Klarna/SEK/K3"] == "SETTLEMENT_LINE_TWICE"
    assert len(own.company.books.journals) == 2


async def test_what_is_charged_back_may_come_again(own: Stand) -> None:
    """Charged back, reversed, charged back again: one capture, and no more than it."""
    reference = await a_capture(own)
    await book(own, own_file("K1", "2026-03-10", ("capture", reference, "799.00")))
    await book(
        own,
        own_file(
            "K2",
            "2026-03-11",
            ("chargeback", reference, "-799.00"),
            ("chargeback_reversal", reference, "799.00"),
            ("chargeback", reference, "-799.00"),
        ),
    )
    assert own.parked() == {}
    assert len(own.company.books.journals) == 2

    await book(own, own_file("K3", "2026-03-12", ("chargeback", reference, "-799.00")))

    assert own.parked()["Klarna/SEK/K3"] == "SETTLEMENT_LINE_TWICE"
    assert len(own.company.books.journals) == 2


async def test_two_alike_that_nobody_knows_wait_for_their_payments(own: Stand) -> None:
    """Neither is in Visma.net yet: once it is, one of two alike is too much, or none."""
    order = sold(own)
    reference = str(order.payments[-1].external_reference)
    line = ("capture", reference, "799.00")
    await book(own, own_file("K1", "2026-03-10", line))
    assert len(own.company.books.journals) == 1

    await book(own, own_file("K2", "2026-03-11", line))

    [row] = [one for one in own.exceptions() if one.source_id == "Klarna/SEK/K2"]
    assert row.code == "SETTLEMENT_LINE_TWICE"
    assert "Visma.net has no payment of it yet" in row.reason
    assert len(own.company.books.journals) == 1

    await settle(own)
    await own.run("payouts")
    assert own.parked()["Klarna/SEK/K2"] == "SETTLEMENT_LINE_TWICE"
    assert "Visma.net has 799" in own.exceptions()[-1].reason
    assert len(own.company.books.journals) == 1


async def test_a_second_capture_is_settled_once_it_is_booked(own: Stand) -> None:
    """Two parts of one amount under one reference: the payout waits for the second."""
    order = own.place(lines=[{"sku": "NH1104NAVM", "quantity": 2}])
    own.edit(order, "ship", lines={"NH1104NAVM": 1})
    await settle(own)
    reference = str(order.payments[-1].external_reference)
    own.edit(order, "ship")
    second = order.payments[-1]
    second.external_reference = reference
    line = ("capture", reference, "799.00")
    await book(own, own_file("K1", "2026-03-10", line, line))
    assert own.parked()["Klarna/SEK/K1"] == "SETTLEMENT_LINE_TWICE"

    await settle(own)
    await own.run("payouts")

    assert own.parked() == {}
    assert len(own.company.books.journals) == 1
    assert account(own, "1580") == 0
