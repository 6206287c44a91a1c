"""What is parked is in the certificate, though no two documents differ because of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mapping.certificate import Cause
from tasks.certificate import certify, sign_difference
from tasks.environment import use_environment
from tests.tasks_.paying import posting, settle, sold
from tests.tasks_.settling import ACCOUNTS, book
from tests.tasks_.stand import Stand, a_stand
from tests.tasks_.test_certificate import certified, found

OWN: dict[str, Any] = {
    **posting("invoice"),
    "payment_methods.Klarna.settlement": {**ACCOUNTS, "format": "own"},
}
HEAD = "payout_id,payout_date,currency,kind,reference,amount\n"


@pytest.fixture(params=["sales_order", "invoice"])
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    """A live store that posts one way or the other."""
    with a_stand(tmp_path, **posting(request.param)) as opened:
        yield opened


async def lines_of_a_sale(stand: Stand, *rows: str) -> bytes:
    """A settlement file of one sale that was paid: `{}` is the payment's reference."""
    order = sold(stand)
    await settle(stand)
    reference = order.payments[-1].external_reference
    return (
        (HEAD + "".join(f"{row}\n" for row in rows))
        .replace("{}", str(reference))
        .encode()
    )


async def test_a_credit_that_nobody_pays_out_is_parked(stand: Stand) -> None:
    """Neither side has a refund, so nothing differs: what is owed is told all the same."""
    order = sold(stand, lines=[{"sku": "NH1104NAVM", "quantity": 2}])
    await settle(stand)
    stand.edit(order, "return", lines={"NH1104NAVM": 1}, refund=False)
    await settle(stand)
    stand.wait(minutes=60 * 24 * 20)
    await settle(stand)
    assert list(stand.parked().values()) == ["REFUND_MISSING"]

    done = await certified(stand)

    [one] = done.certificate.differences
    assert (one.cause, one.pair, one.amount) == (Cause.PARKED, "paid", -79900)
    assert (one.orders, one.age_days) == ((order.number,), 20)
    assert "has no refund that would settle it" in one.sentence
    assert (done.certificate.differing, done.certificate.beside) == (
        {},
        {Cause.PARKED: 1},
    )
    assert done.certificate.compared == done.certificate.matched
    assert not done.is_clean
    with use_environment(stand.environment):
        sign_difference("nordhem", one.id, by="Kim", note="the customer was asked")
    assert (await certified(stand)).is_clean


async def test_it_is_told_in_its_month_alone(stand: Stand) -> None:
    """The credit note is of March: April has nothing of it."""
    order = sold(stand)
    await settle(stand)
    stand.edit(order, "return", refund=False)
    await settle(stand)
    stand.wait(minutes=60 * 24 * 40)
    await settle(stand)

    with use_environment(stand.environment):
        march = await certify("nordhem", date(2026, 3, 1), date(2026, 3, 31))
        april = await certify("nordhem", date(2026, 4, 1), date(2026, 4, 18))

    assert [one.cause for one in march.certificate.differences] == [Cause.PARKED]
    assert april.certificate.differences == ()


async def test_what_is_parked_and_agrees_comes_to_nothing(stand: Stand) -> None:
    """The sale stands in both systems as it should; what waits is signed, at no amount."""
    order = sold(stand)
    await settle(stand)
    with stand.environment.books("nordhem").begin() as unit:
        [entry] = [e for e in order.payments if e.entry_type == "CAPTURE"]
        run = unit.runs.start("payments", "by-hand", mode="read", settings_version="1")
        unit.records.park(
            "payments",
            str(entry.id),
            code="PROOF",
            reason="It waits.",
            fix="Retry.",
            run_id=run,
        )

    [one] = await found(stand)

    assert (one.cause, one.pair, one.amount) == (Cause.PARKED, "paid", 0)
    assert one.sentence.endswith("It waits; both sides have the same amount.")


async def test_a_payout_that_is_parked_is_told(tmp_path: Path) -> None:
    """The bank has 700, the books nothing: the amount of the payout, and why."""
    with a_stand(tmp_path, **OWN) as stand:
        lines = await lines_of_a_sale(
            stand,
            "P1,2026-03-10,SEK,capture,{},799.00",
            "P1,2026-03-10,SEK,payout,,700.00",
        )
        await book(stand, lines)
        assert list(stand.parked().values()) == ["SETTLEMENT_SUMS_DIFFER"]

        done = await certified(stand)

    [one] = done.certificate.differences
    assert (one.cause, one.pair, one.amount, one.day) == (
        Cause.PARKED,
        "settled",
        70000,
        date(2026, 3, 10),
    )
    assert "-99.00 is missing" in one.sentence
    assert not done.is_clean


async def test_a_payout_that_waits_is_in_flight(tmp_path: Path) -> None:
    """It was read and not booked; after two days it must be signed."""
    with a_stand(tmp_path, **OWN) as stand:
        lines = await lines_of_a_sale(
            stand,
            "P1,2026-03-10,SEK,capture,{},799.00",
            "P1,2026-03-10,SEK,payout,,799.00",
        )
        with use_environment(stand.environment):
            from tasks.payouts import take_file  # noqa: PLC0415

            take_file("nordhem", lines, "Klarna")
        young = await certified(stand)
        stand.wait(minutes=60 * 24 * 3)
        old = await certified(stand)
        await stand.run("payouts")
        after = await certified(stand)

    [one] = young.certificate.differences
    assert (one.cause, one.pair, one.amount) == (Cause.IN_FLIGHT, "settled", 79900)
    assert young.is_clean
    assert not old.is_clean
    assert after.certificate.differences == ()


async def test_a_payout_and_its_lines_count_once(tmp_path: Path) -> None:
    """The payout waits, and one of its lines for a reason of its own: 700, not 750."""
    with a_stand(tmp_path, **OWN) as stand:
        lines = await lines_of_a_sale(
            stand,
            "P1,2026-03-10,SEK,capture,{},799.00",
            "P1,2026-03-10,SEK,capture,UNKNOWN-1,50.00",
            "P1,2026-03-10,SEK,payout,,700.00",
        )
        await book(stand, lines)
        assert sorted(stand.parked().values()) == [
            "SETTLEMENT_REFERENCE_UNKNOWN",
            "SETTLEMENT_SUMS_DIFFER",
        ]

        done = await certified(stand)

    assert sorted(one.amount for one in done.certificate.differences) == [0, 70000]
    assert done.certificate.explained() == {Cause.PARKED: 70000}
    [line] = [one for one in done.certificate.differences if not one.amount]
    assert "UNKNOWN-1" in line.sentence
    assert line.sentence.endswith("; its payout waits as a whole.")


async def test_a_line_counts_with_what_differs(tmp_path: Path) -> None:
    """799.50 settled, 799 taken: half a krona is open, and one that nobody knows wholly."""
    with a_stand(tmp_path, **OWN) as stand:
        lines = await lines_of_a_sale(
            stand,
            "P1,2026-03-10,SEK,capture,{},799.50",
            "P1,2026-03-10,SEK,capture,UNKNOWN-1,50.00",
            "P1,2026-03-10,SEK,payout,,849.50",
        )
        await book(stand, lines)
        assert sorted(stand.parked().values()) == [
            "SETTLEMENT_AMOUNT_DIFFERS",
            "SETTLEMENT_REFERENCE_UNKNOWN",
        ]

        done = await certified(stand)

    parked = [one for one in done.certificate.differences if one.pair == "settled"]
    assert sorted(one.amount for one in parked) == [50, 5000]
    assert done.certificate.explained()[Cause.PARKED] == 5050
